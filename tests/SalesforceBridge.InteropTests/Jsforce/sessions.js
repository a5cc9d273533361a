'use strict';

const assert = require('node:assert/strict');
const { Connection } = require('jsforce');

async function refusesAfterLogout(conn) {
  const { instanceUrl, accessToken } = conn;
  await conn.logout();
  const response = await fetch(`${instanceUrl}/services/data/v62.0/limits`, { headers: { Authorization: `Bearer ${accessToken}` } });
  assert.equal(response.status, 401);
}

module.exports = {
  async soapLogin(org) {
    const conn = await org.bySoap();
    const identity = await conn.identity();
    assert.equal(identity.username, 'ann@example.com');
    assert.equal(identity.user_id, conn.loggedIn.id);
    assert.equal(identity.organization_id, conn.loggedIn.organizationId);
    assert.equal(conn.instanceUrl, org.url);
    await refusesAfterLogout(conn);
  },

  async passwordLogin(org) {
    const conn = await org.byPassword();
    assert.equal((await conn.identity()).username, 'bridge@example.com');
    await refusesAfterLogout(conn);
  },

  async clientCredentials(org) {
    const conn = await org.byClientCredentials();
    assert.equal((await conn.identity()).username, 'bridge@example.com');
  },

  async refreshesAnExpiredToken(org) {
    const conn = org.byRefreshToken();
    let refreshed = 0;
    conn.on('refresh', () => refreshed++);
    assert.equal((await conn.identity()).username, 'bridge@example.com');
    await org.fault({ fault: 'expired-token', times: 1 });
    assert.ok((await conn.describeGlobal()).sobjects.length > 0);
    assert.equal(refreshed, 2);
  },

  async wrongPasswords(org) {
    org.oauth2.clientSecret = 'wrong';
    await assert.rejects(org.byPassword(), (error) => error.name === 'invalid_client');
    const conn = new Connection({ loginUrl: org.url });
    await assert.rejects(conn.login('ann@example.com', 'wrong'), /INVALID_LOGIN: Invalid username, password, security token/);
  },
};
