'use strict';

const assert = require('node:assert/strict');

const fieldsOf = (layout) => layout.detailLayoutSections[0].layoutRows.map((row) => row.layoutItems[0].layoutComponents[0].value);

module.exports = {
  async layouts(org) {
    const conn = await org.byPassword();
    const { layouts, recordTypeMappings } = await conn.sobject('Order__c').layouts();
    assert.ok(fieldsOf(layouts[0]).includes('Amount__c'));
    assert.equal(recordTypeMappings[0].layoutId, layouts[0].id);
    const compact = await conn.sobject('Account').compactLayouts();
    assert.equal(compact.compactLayouts[0].objectType, 'Account');
    const approval = await conn.sobject('Opportunity').approvalLayouts();
    assert.equal(approval.approvalLayouts[0].name, 'Discount_Approval');
    await assert.rejects(conn.sobject('Account').layouts('UserAlt'), { errorCode: 'NOT_FOUND' });
  },

  async tabsAndTheme(org) {
    const conn = await org.byPassword();
    assert.ok((await conn.tabs()).some((tab) => tab.sobjectName === 'Order__c' && tab.custom));
    assert.ok((await conn.theme()).themeItems.some((item) => item.name === 'Account' && item.colors.length > 0));
  },

  async listViews(org) {
    const conn = await org.byPassword();
    await conn.sobject('Account').create([{ Name: 'B' }, { Name: 'A' }]);
    const { listviews, sobjectType } = await conn.sobject('Account').listviews();
    assert.equal(sobjectType, 'Account');
    const view = conn.sobject('Account').listview(listviews[0].id);
    const { query, columns } = await view.describe();
    assert.deepEqual((await conn.query(query)).records.map((record) => record.Name), ['A', 'B']);
    const results = await view.results();
    assert.deepEqual([results.size, results.records[0].columns[0].value, results.columns.length], [2, 'A', columns.length]);
  },

  async quickActions(org) {
    const conn = await org.byPassword();
    const { id } = await conn.sobject('Account').create({ Name: 'A' });
    assert.ok((await conn.quickActions()).some((action) => action.name === 'NewLead'));
    assert.ok((await conn.sobject('Account').quickActions()).some((action) => action.name === 'NewContact'));
    const action = conn.sobject('Account').quickAction('NewContact');
    assert.equal((await action.describe()).targetSobjectType, 'Contact');
    assert.equal((await action.defaultValues(id)).AccountId, id);
    const made = await action.execute(id, { LastName: 'Roe' });
    assert.equal((await conn.sobject('Contact').retrieve(made.id)).AccountId, id);
    await assert.rejects(conn.quickAction('NewLead').execute(null, { LastName: 'Roe' }), { errorCode: 'REQUIRED_FIELD_MISSING' });
  },
};
