'use strict';

const assert = require('node:assert/strict');
const { SfDate } = require('jsforce');

const numbered = (count) => Array.from({ length: count }, (_, index) => index + 1);

module.exports = {
  async createReadUpdateDelete(org) {
    const conn = await org.byPassword();
    const created = await conn.sobject('Account').create({ Name: 'Ågren & Söner', AnnualRevenue: 12.5, Active__c: true });
    assert.deepEqual(created, { id: created.id, success: true, errors: [] });
    const account = await conn.sobject('Account').retrieve(created.id);
    assert.equal(account.Name, 'Ågren & Söner');
    assert.equal(account.AnnualRevenue, 12.5);
    assert.equal(account.attributes.type, 'Account');
    assert.ok((await conn.sobject('Account').update({ Id: created.id, Name: 'B', AnnualRevenue: null })).success);
    const changed = await conn.sobject('Account').retrieve(created.id, { fields: ['Name', 'AnnualRevenue'] });
    assert.deepEqual([changed.Name, changed.AnnualRevenue, changed.Phone], ['B', null, undefined]);
    assert.ok((await conn.sobject('Account').destroy(created.id)).success);
    await assert.rejects(conn.sobject('Account').retrieve(created.id), { errorCode: 'ENTITY_IS_DELETED' });
  },

  async upsert(org) {
    const conn = await org.byPassword();
    const first = await conn.sobject('Order__c').upsert({ External_Id__c: 'A 1', Amount__c: 1 }, 'External_Id__c');
    const second = await conn.sobject('Order__c').upsert({ External_Id__c: 'A 1', Amount__c: 2 }, 'External_Id__c');
    assert.deepEqual([first.success, first.created, second.success, second.created], [true, true, true, false]);
    assert.equal(second.id, first.id);
    const many = await conn.sobject('Order__c').upsert(
      [{ External_Id__c: 'A 1', Amount__c: 3 }, { External_Id__c: 'A 2', Amount__c: 4 }], 'External_Id__c');
    assert.deepEqual(many.map((result) => result.created), [false, true]);
    await conn.sobject('Contact').create([{ LastName: 'A', Badge__c: '7' }, { LastName: 'B', Badge__c: '7' }]);
    await assert.rejects(
      conn.sobject('Contact').upsert({ Badge__c: '7', LastName: 'C' }, 'Badge__c'),
      (error) => error.name === 'MULTIPLE_CHOICES' && error.data.length === 2);
  },

  async queriesWithPaging(org) {
    const conn = await org.byPassword();
    for (let from = 0; from < 1000; from += 200) {
      await conn.sobject('Account').create(numbered(200).map((number) => ({ Name: `A${from + number}`, NumberOfEmployees: from + number })));
    }
    const soql = 'SELECT Id, Name, Owner.Name FROM Account ORDER BY NumberOfEmployees';
    const headers = { 'Sforce-Query-Options': 'batchSize=300' };
    const page = await conn.query(soql, { headers });
    assert.deepEqual([page.totalSize, page.done, page.records.length], [1000, false, 300]);
    const next = await conn.queryMore(page.nextRecordsUrl, { headers });
    assert.equal(next.records[0].Name, 'A301');
    const all = await conn.query(soql, { autoFetch: true, maxFetch: 5000, headers });
    assert.deepEqual([all.records.length, all.records[999].Name, all.records[0].Owner.Name], [1000, 'A1000', 'Bridge Integration']);
    assert.equal((await conn.query('SELECT COUNT() FROM Account')).totalSize, 1000);
    assert.equal(await conn.sobject('Account').count({ NumberOfEmployees: { $gt: 990 } }), 10);
    const found = await conn.sobject('Account').find({ Name: { $like: 'A99%' }, 'Owner.Name': 'Bridge Integration' }, ['Name'])
      .sort({ Name: -1 }).skip(1).limit(2);
    assert.deepEqual(found.map((account) => account.Name), ['A998', 'A997']);
    const longAgo = SfDate.toDateTimeLiteral(new Date(Date.UTC(2020, 0, 1)));
    assert.equal(await conn.sobject('Account').count({ CreatedDate: { $gt: longAgo } }), 1000);
    assert.equal(await conn.sobject('Account').count({ CreatedDate: { $lt: longAgo } }), 0);
  },

  async collections(org) {
    const conn = await org.byPassword();
    const created = await conn.sobject('Account').create([{ Name: 'A' }, { Phone: '1' }, { Name: 'C' }]);
    assert.deepEqual(created.map((result) => result.success), [true, false, true]);
    assert.equal(created[1].errors[0].statusCode, 'REQUIRED_FIELD_MISSING');
    const [a, , c] = created.map((result) => result.id);
    const updated = await conn.sobject('Account').update([{ Id: a, Name: 'A2' }, { Id: c, Name: 'C2' }]);
    assert.ok(updated.every((result) => result.success));
    const accounts = await conn.sobject('Account').retrieve([c, '001000000000009AAA', a]);
    assert.deepEqual(accounts.map((account) => account && account.Name), ['C2', null, 'A2']);
    const recursive = await conn.sobject('Account').create(numbered(450).map((number) => ({ Name: `B${number}` })), { allowRecursive: true });
    assert.equal(recursive.filter((result) => result.success).length, 450);
    const none = await conn.sobject('Account').update([{ Id: a, Name: 'A3' }, { Id: c, Name: null }], { allOrNone: true })
      .catch((error) => error);
    assert.equal((await conn.sobject('Account').retrieve(a)).Name, 'A2', String(none));
    const deleted = await conn.sobject('Account').destroy([a, c]);
    assert.ok(deleted.every((result) => result.success));
    const [kept] = recursive;
    await conn.sobject('Account').destroy([kept.id, a], { allOrNone: true }).catch((error) => error);
    assert.equal((await conn.sobject('Account').retrieve(kept.id)).Name, 'B1');
  },

  async describes(org) {
    const conn = await org.byPassword();
    const order = await conn.sobject('Order__c').describe();
    const status = order.fields.find((field) => field.name === 'Status__c');
    assert.deepEqual([order.custom, status.type, status.restrictedPicklist], [true, 'picklist', true]);
    assert.ok(order.fields.find((field) => field.name === 'External_Id__c').externalId);
    const names = (await conn.describeGlobal()).sobjects.map((sobject) => sobject.name);
    assert.ok(names.includes('Account') && names.includes('Order_Placed__e'));
    const limits = await conn.limits();
    assert.ok(limits.DailyApiRequests.Remaining < limits.DailyApiRequests.Max);
    assert.equal(conn.limitInfo.apiUsage.used, limits.DailyApiRequests.Max - limits.DailyApiRequests.Remaining);
  },

  async errors(org) {
    const conn = await org.byPassword();
    const rejects = (promise, errorCode, message) => assert.rejects(promise, (error) => {
      assert.equal(error.errorCode, errorCode);
      assert.match(error.message, message);
      return true;
    });
    await rejects(conn.sobject('Account').create({ Nope__c: 1 }), 'INVALID_FIELD', /No such column 'Nope__c' on sobject of type Account/);
    await rejects(conn.sobject('Order__c').create({ Amount__c: -1 }), 'FIELD_CUSTOM_VALIDATION_EXCEPTION', /negative amount/);
    await rejects(conn.sobject('Account').retrieve('001000000000009AAA'), 'NOT_FOUND', /does not exist/);
    await rejects(conn.query('SELECT Id FROM Nope__c'), 'INVALID_TYPE', /not supported/);
    await rejects(conn.query('SELECT Id FROM'), 'MALFORMED_QUERY', /unexpected token/);
    await rejects(conn.request('/nope'), 'NOT_FOUND', /does not exist/);
    await org.fault({ fault: 'locked-row', times: 1 });
    await rejects(conn.sobject('Account').create({ Name: 'A' }), 'UNABLE_TO_LOCK_ROW', /unable to obtain exclusive access/);
    await org.fault({ fault: 'quota-exceeded', quota: 'daily', times: 1 });
    await rejects(conn.query('SELECT Id FROM Account'), 'REQUEST_LIMIT_EXCEEDED', /TotalRequests Limit exceeded/);
    await org.fault({ fault: 'unavailable', on: 'api', times: 2 });
    assert.equal((await conn.query('SELECT Id FROM Account')).totalSize, 0);
  },
};
