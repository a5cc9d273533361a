'use strict';

const assert = require('node:assert/strict');

const DATA = '/services/data/v62.0';

module.exports = {
  async composite(org) {
    const conn = await org.byPassword();
    const { compositeResponse: parts } = await conn.requestPost('/composite', {
      allOrNone: true,
      compositeRequest: [
        { method: 'POST', url: `${DATA}/sobjects/Account`, referenceId: 'account', body: { Name: 'Ågren' } },
        { method: 'POST', url: `${DATA}/sobjects/Contact`, referenceId: 'contact', body: { LastName: 'Ann', AccountId: '@{account.id}' } },
        { method: 'GET', url: `${DATA}/query?q=${encodeURIComponent("SELECT Account.Name FROM Contact WHERE LastName = 'Ann'")}`, referenceId: 'found' },
      ],
    });
    assert.deepEqual(parts.map((part) => part.httpStatusCode), [201, 201, 200]);
    assert.equal(parts[2].body.records[0].Account.Name, 'Ågren');
    assert.equal((await conn.sobject('Contact').retrieve(parts[1].body.id)).AccountId, parts[0].body.id);
    const { compositeResponse: undone } = await conn.requestPost('/composite', {
      allOrNone: true,
      compositeRequest: [
        { method: 'DELETE', url: `${DATA}/sobjects/Contact/${parts[1].body.id}`, referenceId: 'deleted' },
        { method: 'POST', url: `${DATA}/sobjects/Account`, referenceId: 'refused', body: {} },
      ],
    });
    assert.deepEqual(undone.map((part) => part.body[0].errorCode), ['PROCESSING_HALTED', 'REQUIRED_FIELD_MISSING']);
    assert.equal((await conn.query('SELECT Id FROM Contact')).totalSize, 1);
  },

  async batch(org) {
    const conn = await org.byPassword();
    const { id } = await conn.sobject('Account').create({ Name: 'A' });
    const { hasErrors, results } = await conn.requestPost('/composite/batch', {
      haltOnError: true,
      batchRequests: [
        { method: 'PATCH', url: `v62.0/sobjects/account/${id}`, richInput: { Name: 'B' } },
        { method: 'GET', url: `v62.0/sobjects/account/${id}?fields=Name` },
        { method: 'GET', url: 'v62.0/sobjects/account/nope' },
        { method: 'DELETE', url: `v62.0/sobjects/account/${id}` },
      ],
    });
    assert.deepEqual([hasErrors, ...results.map((result) => result.statusCode)], [true, 204, 200, 400, 412]);
    assert.equal(results[1].result.Name, 'B');
    assert.equal(results[3].result[0].errorCode, 'BATCH_PROCESSING_HALTED');
    await conn.limits();
    assert.equal(conn.limitInfo.apiUsage.used, 6);
  },

  async tree(org) {
    const conn = await org.byPassword();
    const account = (referenceId, contact) => ({
      attributes: { type: 'Account', referenceId },
      Name: 'A',
      Contacts: { records: [{ attributes: { type: 'Contact', referenceId: `${referenceId}c` }, ...contact }] },
    });
    const made = await conn.requestPost('/composite/tree/Account', { records: [account('r1', { LastName: 'Ann' }), account('r2', { LastName: 'Bob' })] });
    assert.deepEqual(made.results.map((result) => result.referenceId), ['r1', 'r1c', 'r2', 'r2c']);
    assert.equal((await conn.sobject('Contact').retrieve(made.results[1].id)).AccountId, made.results[0].id);
    const refused = await conn.requestPost('/composite/tree/Account', { records: [account('r1', {})] }).catch((error) => error);
    // A tree is refused in a shape of its own, which jsforce hands on as text.
    assert.equal(refused.errorCode, 'ERROR_HTTP_400', String(refused));
    assert.equal(JSON.parse(refused.message).results[0].referenceId, 'r1c');
    assert.equal((await conn.query('SELECT Id FROM Account')).totalSize, 2);
  },

  async graph(org) {
    const conn = await org.byPassword();
    const graph = (graphId, contact) => ({
      graphId,
      compositeRequest: [
        { method: 'POST', url: `${DATA}/sobjects/Account/`, referenceId: 'account', body: { Name: graphId } },
        { method: 'POST', url: `${DATA}/sobjects/Contact/`, referenceId: 'contact', body: { AccountId: '@{account.id}', ...contact } },
      ],
    });
    const { graphs } = await conn.requestPost('/composite/graph', { graphs: [graph('1', { LastName: 'Ann' }), graph('2', {})] });
    assert.deepEqual(graphs.map((each) => [each.graphId, each.isSuccessful]), [['1', true], ['2', false]]);
    assert.deepEqual(graphs[1].graphResponse.compositeResponse.map((part) => part.body[0].errorCode), ['PROCESSING_HALTED', 'REQUIRED_FIELD_MISSING']);
    assert.equal((await conn.query('SELECT Id FROM Account')).totalSize, 1);
  },
};
