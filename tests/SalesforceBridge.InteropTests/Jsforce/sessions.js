'use strict';

const assert = require('node:assert/strict');
const { Connection, OAuth2 } = require('jsforce');

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

  async authorizationCode(org) {
    const oauth2 = new OAuth2({ ...org.oauth2, redirectUri: 'http://localhost/callback', useVerifier: true });
    const page = await fetch(oauth2.getAuthorizationUrl({ scope: 'api refresh_token', state: 'mine', login_hint: 'ann@example.com' }), { redirect: 'manual' });
    const back = new URL(page.headers.get('location'));
    assert.equal(back.searchParams.get('state'), 'mine');
    const conn = new Connection({ oauth2, version: '62.0' });
    const user = await conn.authorize(back.searchParams.get('code'));
    const identity = await conn.identity();
    assert.deepEqual([identity.username, identity.user_id], ['ann@example.com', user.id]);
    const first = conn.accessToken;
    await org.fault({ fault: 'expired-token', times: 1 });
    await conn.query('SELECT Id FROM Account');
    assert.notEqual(conn.accessToken, first);
    await assert.rejects(new Connection({ oauth2 }).authorize('wrong'), (error) => error.name === 'invalid_grant');
  },

  async revokesItsRefreshToken(org) {
    const conn = org.byRefreshToken();
    await conn.identity();
    await conn.logout(true);
    await assert.rejects(org.byRefreshToken().identity(), /expired access\/refresh token/);
  },

  async followsAMovedOrg(org) {
    const conn = await org.byPassword();
    await fetch(`${org.url}/_admin/move`, { method: 'POST' });
    // A call to the old address renews the token and goes there again, without end, so jsforce needs a login.
    await conn.login('bridge@example.com', 'bridge-passwordQ1w2E3r4');
    assert.notEqual(conn.instanceUrl, org.url);
    assert.equal((await conn.query('SELECT Id FROM Account')).totalSize, 0);
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
