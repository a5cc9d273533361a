'use strict';

const assert = require('node:assert/strict');

/** Two accounts: one with two contacts, one with none. */
async function accounts(conn) {
  const [full, lonely] = await conn.sobject('Account').create([
    { Name: 'Full', Type: 'Customer', NumberOfEmployees: 10 },
    { Name: 'Lonely', Type: 'Customer', NumberOfEmployees: 5 },
  ]);
  await conn.sobject('Contact').create([{ LastName: 'Poe', AccountId: full.id }, { LastName: 'Ode', AccountId: full.id }, { LastName: 'Roe' }]);
  return { full: full.id, lonely: lonely.id };
}

const names = (records) => records.map((record) => record.Name ?? record.LastName);

module.exports = {
  async childrenParentsAndGroups(org) {
    const conn = await org.byPassword();
    await accounts(conn);
    const parents = await conn.query('SELECT Name, (SELECT Id, LastName FROM Contacts ORDER BY LastName) FROM Account ORDER BY Name');
    assert.deepEqual(names(parents.records[0].Contacts.records), ['Ode', 'Poe']);
    assert.deepEqual([parents.records[0].Contacts.totalSize, parents.records[0].Contacts.done], [2, true]);
    assert.equal(parents.records[1].Contacts, null);
    const children = await conn.query("SELECT LastName, Account.Name, Account.Owner.Name FROM Contact WHERE Account.Type = 'Customer'");
    assert.deepEqual([children.records[0].Account.Name, children.records[0].Account.Owner.Name], ['Full', 'Bridge Integration']);
    const groups = await conn.query('SELECT Type, COUNT(Id) n, SUM(NumberOfEmployees) FROM Account GROUP BY Type HAVING COUNT(Id) > 1');
    assert.deepEqual(groups.records, [{ attributes: { type: 'AggregateResult' }, Type: 'Customer', n: 2, expr0: 15 }]);
    const joined = await conn.query("SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact) AND CreatedDate >= LAST_N_DAYS:1");
    assert.deepEqual(names(joined.records), ['Lonely']);
    await assert.rejects(conn.query('SELECT Id, (SELECT Id FROM Nope) FROM Account'), { errorCode: 'INVALID_TYPE' });
  },

  async deletedRows(org) {
    const conn = await org.byPassword();
    const { lonely } = await accounts(conn);
    await conn.sobject('Account').destroy(lonely);
    const soql = 'SELECT Name, IsDeleted FROM Account ORDER BY Name';
    assert.deepEqual(names((await conn.query(soql)).records), ['Full']);
    assert.deepEqual((await conn.query(soql, { scanAll: true })).records.map((record) => record.IsDeleted), [false, true]);
    for (let from = 0; from < 400; from += 200) {
      const created = await conn.sobject('Lead').create(Array.from({ length: 200 }, (_, index) => ({ LastName: `L${from + index}`, Company: 'C' })));
      await conn.sobject('Lead').destroy(created.map((result) => result.id));
    }
    // A later page of deleted rows is below /query/ too.
    const all = await conn.query('SELECT Id FROM Lead', { scanAll: true, autoFetch: true, headers: { 'Sforce-Query-Options': 'batchSize=200' } });
    assert.equal(all.records.length, 400);
  },

  async explainsAndSearches(org) {
    const conn = await org.byPassword();
    const { full } = await accounts(conn);
    const plan = await conn.sobject('Account').find({ Name: 'Full', Phone: '1' }, 'Id').explain();
    assert.deepEqual([plan.plans[0].leadingOperationType, plan.plans[0].fields, plan.plans[0].sobjectType], ['Index', ['Name'], 'Account']);
    const listed = await conn.sobject('Account').listviews();
    assert.equal((await conn.sobject('Account').listview(listed.listviews[0].id).explain()).plans[0].leadingOperationType, 'TableScan');
    await assert.rejects(conn.query('SELECT Id FROM').explain(), { errorCode: 'MALFORMED_QUERY' });
    const { searchRecords } = await conn.search('FIND {Full} IN ALL FIELDS RETURNING Account(Id, Name), Contact(Id)');
    assert.deepEqual(searchRecords.map((record) => record.Id), [full]);
    await assert.rejects(conn.search('FIND'), { errorCode: 'MALFORMED_SEARCH' });
  },

  async losesItsPlaceInAQuery(org) {
    const conn = await org.byPassword();
    await accounts(conn);
    await org.fault({ fault: 'small-pages', size: 1 });
    const page = await conn.query('SELECT Name FROM Account ORDER BY Name');
    assert.deepEqual([page.totalSize, page.records.length, page.done], [2, 1, false]);
    await org.fault({ fault: 'expired-locator', times: 1 });
    await assert.rejects(conn.queryMore(page.nextRecordsUrl), { errorCode: 'INVALID_QUERY_LOCATOR' });
    assert.deepEqual(names((await conn.query('SELECT Name FROM Account ORDER BY Name', { autoFetch: true })).records), ['Full', 'Lonely']);
  },

  async builtQueries(org) {
    const conn = await org.byPassword();
    const { full } = await accounts(conn);
    const found = await conn.sobject('Account').find({ $or: [{ Name: 'Full' }, { NumberOfEmployees: { $lt: 5 } }] }, ['Id', 'Name'])
      .include('Contacts').select('LastName').where({ LastName: { $like: 'P%' } }).end();
    assert.equal(found[0].Id, full);
    assert.deepEqual(names(found[0].Contacts.records), ['Poe']);
    const some = await conn.sobject('Account').find({ Name: { $in: ['Full', 'Lonely'] }, Type: { $nin: ['Partner'] } }, 'Name').sort('-Name').limit(1).skip(1);
    assert.deepEqual(names(some), ['Full']);
    const rows = await conn.sobject('Contact').find({ 'Account.Name': 'Full' }, { LastName: 1, 'Account.Name': 1 });
    assert.deepEqual(rows.map((row) => row.Account.Name), ['Full', 'Full']);
  },
};
