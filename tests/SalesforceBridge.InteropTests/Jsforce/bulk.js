'use strict';

const assert = require('node:assert/strict');

const numbered = (count) => Array.from({ length: count }, (_, index) => index + 1);
const quick = (conn) => Object.assign(conn.bulk2, { pollInterval: 50, pollTimeout: 20000 });

async function rows(stream) {
  const found = [];
  for await (const row of stream) found.push(row);
  return found;
}

module.exports = {
  async ingests(org) {
    const conn = await org.byPassword();
    const input = numbered(450).map((number) => ({ Name: `A,"${number}"\nå 𝄞`, NumberOfEmployees: number, Phone: null, Active__c: number % 2 === 0 }));
    input[7].Name = 'x'.repeat(300);
    const results = await quick(conn).loadAndWaitForResults({ object: 'Account', operation: 'insert', input });
    assert.deepEqual([results.successfulResults.length, results.failedResults.length, results.unprocessedRecords.length], [449, 1, 0]);
    assert.match(results.failedResults[0].sf__Error, /^STRING_TOO_LONG:.*:Name --$/s);
    assert.ok(results.successfulResults.every((result) => result.sf__Created === 'true' && result.sf__Id.startsWith('001')));
    const one = results.successfulResults.find((result) => result.NumberOfEmployees === '3');
    const account = await conn.sobject('Account').retrieve(one.sf__Id);
    assert.deepEqual([account.Name, account.Active__c, account.Phone], ['A,"3"\nå 𝄞', false, null]);

    const ids = results.successfulResults.map((result) => ({ Id: result.sf__Id }));
    const changes = ids.map(({ Id }) => ({ Id, Name: 'B' }));
    assert.equal((await quick(conn).loadAndWaitForResults({ object: 'Account', operation: 'update', input: changes })).successfulResults.length, 449);
    assert.equal((await quick(conn).loadAndWaitForResults({ object: 'Account', operation: 'delete', input: ids })).successfulResults.length, 449);
    assert.equal(await conn.sobject('Account').count(), 0);
  },

  async upserts(org) {
    const conn = await org.byPassword();
    await conn.sobject('Order__c').create({ External_Id__c: 'E 1', Amount__c: 1 });
    const results = await quick(conn).loadAndWaitForResults({
      object: 'Order__c', operation: 'upsert', externalIdFieldName: 'External_Id__c',
      input: [{ External_Id__c: 'E 1', Amount__c: 2 }, { External_Id__c: 'E 2', Amount__c: 3 }, { External_Id__c: 'E 3', Amount__c: -1 }],
    });
    assert.deepEqual(results.successfulResults.map((result) => result.sf__Created).sort(), ['false', 'true']);
    assert.match(results.failedResults[0].sf__Error, /^FIELD_CUSTOM_VALIDATION_EXCEPTION:/);
  },

  async understandsAFailedJob(org) {
    const conn = await org.byPassword();
    const job = quick(conn).createJob({ object: 'Account', operation: 'insert' });
    await job.open();
    await job.uploadData([{ Nope__c: 1 }, { Nope__c: 2 }]);
    await job.close();
    await assert.rejects(job.poll(50, 20000), /InvalidBatch : Field name not found : Nope__c/);
    assert.equal((await job.getUnprocessedRecords()).length, 2);
    await job.delete();
    await assert.rejects(job.check(), { errorCode: 'NOT_FOUND' });
  },

  async abortsAJob(org) {
    const conn = await org.byPassword();
    const job = quick(conn).createJob({ object: 'Account', operation: 'insert' });
    await job.open();
    await job.abort();
    assert.equal((await job.check()).state, 'Aborted');
  },

  async queries(org) {
    const conn = await org.byPassword();
    await conn.sobject('Account').create(numbered(200).map((number) => ({ Name: `a|${number};b`, NumberOfEmployees: number })));
    const found = await rows(await quick(conn).query('SELECT Id, Name, Owner.Name, Phone FROM Account ORDER BY NumberOfEmployees'));
    assert.equal(found.length, 200);
    assert.deepEqual([found[4].Name, found[4]['Owner.Name'], found[4].Phone], ['a|5;b', 'Bridge Integration', '']);
    assert.equal((await rows(await quick(conn).query("SELECT Id FROM Account WHERE Name = 'none'"))).length, 0);
    const limits = await conn.limits();
    assert.equal(limits.DailyBulkV2QueryJobs.Max - limits.DailyBulkV2QueryJobs.Remaining, 2);
  },

  async queriesDeletedRows(org) {
    const conn = await org.byPassword();
    const created = await conn.sobject('Account').create([{ Name: 'A' }, { Name: 'B' }]);
    await conn.sobject('Account').destroy(created[0].id);
    assert.equal((await rows(await quick(conn).query('SELECT Id FROM Account', { scanAll: true }))).length, 2);
    await assert.rejects((async () => rows(await quick(conn).query('SELECT Nope__c FROM Account')))(), { errorCode: 'INVALID_FIELD' });
  },

  async readsWhatAJobLeftBehind(org) {
    const conn = await org.byPassword();
    await org.fault({ fault: 'failed-bulk-job', afterRows: 2, times: 1 });
    const job = quick(conn).createJob({ object: 'Account', operation: 'insert' });
    await job.open();
    await job.uploadData(numbered(5).map((number) => ({ Name: `A${number}` })));
    await job.close();
    await assert.rejects(job.poll(50, 20000), /InternalServerError/);
    assert.deepEqual([(await job.getSuccessfulResults()).length, (await job.getUnprocessedRecords()).length], [2, 3]);
    assert.equal(await conn.sobject('Account').count(), 2);
  },

  async uploadsAFile(org) {
    const conn = await org.byPassword();
    const bytes = Buffer.from(numbered(100000).map((number) => number % 251));
    const created = await conn.sobject('ContentVersion').create(
      { PathOnClient: 'a.bin', VersionData: bytes.toString('base64') },
      { multipartFileFields: { VersionData: { filename: 'a.bin', contentType: 'application/octet-stream' } } });
    assert.ok(created.success);
    const file = await conn.sobject('ContentVersion').retrieve(created.id);
    assert.equal(file.VersionData, `/services/data/v62.0/sobjects/ContentVersion/${created.id}/VersionData`);
    const response = await fetch(`${conn.instanceUrl}${file.VersionData}`, { headers: { Authorization: `Bearer ${conn.accessToken}` } });
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), bytes);
  },
};
