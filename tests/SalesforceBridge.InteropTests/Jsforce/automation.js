'use strict';

const assert = require('node:assert/strict');

const deal = (amount) => ({ Name: 'Deal', StageName: 'Prospecting', CloseDate: '2026-12-01', Amount: amount });

module.exports = {
  async apexRest(org) {
    const conn = await org.byPassword();
    assert.deepEqual(await conn.apex.get('/echo/a%20b?c=d'), { verb: 'GET', path: '/echo/a b', query: '?c=d', body: null });
    for (const verb of ['post', 'put', 'patch']) {
      const told = await conn.apex[verb]('/echo/x', { å: [1] });
      assert.deepEqual([told.verb, told.body], [verb.toUpperCase(), { å: [1] }]);
    }
    assert.equal((await conn.apex.delete('/echo/x')).verb, 'DELETE');
    assert.deepEqual(await conn.apex.post('/orders/1', {}), { accepted: true });
    await assert.rejects(conn.apex.get('/orders/broken'), (error) => error.errorCode === 'APEX_ERROR' && /NullPointerException/.test(error.message));
    await assert.rejects(conn.apex.get('/nope'), { errorCode: 'NOT_FOUND' });
  },

  async invocableActions(org) {
    const conn = await org.byPassword();
    const run = (name, inputs) => conn.requestPost(`/actions/custom/${name}`, { inputs });
    const { actions } = await conn.request('/actions/custom/flow');
    assert.deepEqual(actions.map((action) => action.name), ['Accept_Order']);
    const [done] = await run('flow/Accept_Order', [{ orderId: 'a1' }]);
    assert.deepEqual([done.isSuccess, done.outputValues.acceptedId, done.outputValues.status], [true, 'a1', 'Accepted']);
    assert.equal((await run('apex/OrderNumbers', [{ number: 1 }, { number: 2 }])).length, 2);
    const refused = await run('flow/Accept_Order', [{ orderId: 'broken' }]).catch((error) => error);
    // An action's results are an array that is no list of errors, which jsforce hands on as text.
    assert.equal(JSON.parse(refused.message)[0].errors[0].statusCode, 'CANNOT_EXECUTE_FLOW_TRIGGER', String(refused));
    await assert.rejects(run('flow/Nope', [{}]), { errorCode: 'NOT_FOUND' });
  },

  async approvals(org) {
    const conn = await org.byPassword();
    assert.equal((await conn.process.approval.list()).Opportunity[0].name, 'Discount_Approval');
    const { id } = await conn.sobject('Opportunity').create(deal(5000));
    const submitted = await conn.process.approval.submit(id, 'please');
    assert.deepEqual([submitted.success, submitted.instanceStatus], [true, 'Pending']);
    const approver = await org.bySoap();
    const approved = await approver.process.approval.approve(submitted.newWorkitemIds[0], 'fine');
    assert.equal(approved.instanceStatus, 'Approved');
    const other = await conn.sobject('Opportunity').create(deal(6000));
    const [again] = await conn.process.approval.request([conn.process.approval.submit(other.id, 'this too')]);
    assert.equal((await approver.process.approval.reject(again.newWorkitemIds[0], 'no')).instanceStatus, 'Rejected');
  },

  async processRules(org) {
    const conn = await org.byPassword();
    const { id } = await conn.sobject('Opportunity').create(deal(1));
    assert.deepEqual(await conn.process.rule.list(), {});
    assert.deepEqual(await conn.process.rule.trigger(id), { errors: null, success: true });
    await assert.rejects(conn.process.rule.trigger('nope'), { errorCode: 'MALFORMED_ID' });
  },
};
