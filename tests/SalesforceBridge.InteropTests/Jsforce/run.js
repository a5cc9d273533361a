'use strict';

// node run.js FILE SCENARIO URL: runs one scenario of a file against an org.
const path = require('node:path');
const { Org } = require('./org.js');

const [file, name, url] = process.argv.slice(2);

async function main() {
  const scenario = require(path.join(__dirname, file))[name];
  if (!scenario) throw new Error(`${file} has no scenario ${name}`);
  await scenario(new Org(url));
  console.log(`${name}: done`);
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error.stack ?? error);
    process.exit(1);
  },
);
