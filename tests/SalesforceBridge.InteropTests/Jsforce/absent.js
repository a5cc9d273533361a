'use strict';

const assert = require('node:assert/strict');

module.exports = {
  /** The first Bulk API answers in XML, which jsforce understands. */
  async firstBulkApi(org) {
    const conn = await org.byPassword();
    await assert.rejects(conn.bulk.createJob('Account', 'insert').open(), { errorCode: 'FeatureNotEnabled' });
    await conn.oauth2.revokeToken(conn.accessToken);
    let renewed = 0;
    conn.on('refresh', () => renewed++);
    const load = new Promise((resolve, reject) => conn.bulk.load('Account', 'insert', [{ Name: 'A' }]).on('error', reject).on('response', resolve));
    await assert.rejects(load, { errorCode: 'FeatureNotEnabled' });
    assert.equal(renewed, 1);
  },

  async otherApis(org) {
    const conn = await org.byPassword();
    const absent = {
      tooling: () => conn.tooling.query('SELECT Id FROM ApexClass'),
      executeAnonymous: () => conn.tooling.executeAnonymous('System.debug(1);'),
      reports: () => conn.analytics.reports(),
      dashboards: () => conn.analytics.dashboards(),
      chatter: () => conn.chatter.resource('/users/me').retrieve(),
    };
    for (const [name, call] of Object.entries(absent)) {
      const error = await call().then(() => assert.fail(`${name} was answered`), (refused) => refused);
      assert.equal(error.errorCode, 'NOT_FOUND', `${name}: ${error}`);
    }
    // Of SOAP jsforce expects XML, and hands on anything else as text.
    await assert.rejects(conn.metadata.describe(), (error) => error.errorCode === 'ERROR_HTTP_404' && /NOT_FOUND/.test(error.message));
  },
};
