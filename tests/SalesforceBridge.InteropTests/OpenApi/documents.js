'use strict';

// node documents.js SCENARIO URL SECRET: reads the bridge's own OpenAPI document and holds it, and what the bridge answers, against other people's rules.
const SwaggerParser = require('@apidevtools/swagger-parser');
const Ajv = require('ajv');
const addFormats = require('ajv-formats');

const [name, url, secret] = process.argv.slice(2);
const JSON_TYPE = 'application/json';

// What a request may have, by type and format.
const samples = {
  string: 'x',
  'string date': '2026-01-02',
  'string date-time': '2026-01-02T03:04:05.678Z',
  number: 1.5,
  'integer int64': 7,
  boolean: true,
};

const breaks = {
  'no title': (document) => delete document.info.title,
  'a type of Postgres': (document) => (document.components.schemas.TypedRequest.properties.Day.type = 'date'),
  'a type of OpenAPI 3.1': (document) => (document.components.schemas.TypedRow.properties.Limit__c.type = ['number', 'null']),
  'a schema that is nowhere': (document) => delete document.components.schemas.TypedRow,
  'an answer without words': (document) => delete operation(document).responses['200'].description,
  'no answer': (document) => delete operation(document).responses,
};

const scenarios = {
  async isValid() {
    const document = await read();
    if (Object.keys(document.paths).length !== 3) throw new Error(`There are ${Object.keys(document.paths)}.`);
    await SwaggerParser.validate(document);
  },

  async isRejectedOnceBroken() {
    for (const [what, breakIt] of Object.entries(breaks)) {
      const document = await read();
      breakIt(document);
      const rejected = await SwaggerParser.validate(document).then(() => false, () => true);
      if (!rejected) throw new Error(`A document with ${what} is valid.`);
    }
  },

  async saysWhatIsAnswered() {
    const document = await SwaggerParser.validate(await read());
    const ajv = addFormats(new Ajv({ allErrors: true, strict: false }));
    for (const [path, { post }] of Object.entries(document.paths)) {
      const request = sampleOf(post.requestBody.content[JSON_TYPE].schema);
      const answer = await fetch(`${document.servers[0].url}${path}`, {
        method: 'POST',
        headers: { 'X-Api-Key': secret, 'Content-Type': JSON_TYPE },
        body: JSON.stringify(request),
      });
      const body = await answer.json();
      const told = post.responses[answer.status];
      if (!told) throw new Error(`${path} answers ${answer.status}: ${JSON.stringify(body)}`);
      if (!ajv.validate(told.content[JSON_TYPE].schema, body)) throw new Error(`${path}: ${ajv.errorsText()} in ${JSON.stringify(body)}`);
    }
  },
};

function operation(document) {
  return document.paths['/callouts/typed'].post;
}

async function read() {
  const answer = await fetch(`${url}/openapi.json`, { headers: { 'X-Api-Key': secret } });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
  return answer.json();
}

function sampleOf(schema) {
  return Object.fromEntries(
    Object.entries(schema.properties).map(([property, { type, format }]) => [property, type ? samples[[type, format].filter(Boolean).join(' ')] : [{ any: 1 }]]),
  );
}

scenarios[name]().then(
  () => {
    console.log(`${name}: done`);
    process.exit(0);
  },
  (error) => {
    console.error(error.stack ?? error);
    process.exit(1);
  },
);
