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
