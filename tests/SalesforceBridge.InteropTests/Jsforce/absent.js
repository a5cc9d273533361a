'use strict';

const assert = require('node:assert/strict');

module.exports = {
  /** The first Bulk API answers in XML, which jsforce understands. */
  async firstBulkApi(org) {
    const conn = await org.byPassword();
    await assert.rejects(conn.bulk.createJob('Account', 'insert').open(), { errorCode: 'FeatureNotEnabled' });
    await org.fault({ fault: 'expired-token', times: 1 });
    await conn.limits();
    await assert.rejects(conn.bulk.load('Account', 'insert', [{ Name: 'A' }]), { errorCode: 'FeatureNotEnabled' });
  },

  async otherApis(org) {
    const conn = await org.byPassword();
    const absent = {
      tooling: () => conn.tooling.query('SELECT Id FROM ApexClass'),
      executeAnonymous: () => conn.tooling.executeAnonymous('System.debug(1);'),
      metadata: () => conn.metadata.describe(),
      reports: () => conn.analytics.reports(),
      dashboards: () => conn.analytics.dashboards(),
      chatter: () => conn.chatter.resource('/users/me').retrieve(),
    };
    for (const [name, call] of Object.entries(absent)) {
      const error = await call().then(() => assert.fail(`${name} was answered`), (refused) => refused);
      assert.equal(error.errorCode, 'NOT_FOUND', `${name}: ${error}`);
    }
  },
};
