'use strict';

const { Connection } = require('jsforce');

/** The org's declared users and app, and the ways jsforce connects with them. */
class Org {
  constructor(url) {
    this.url = url;
    this.oauth2 = { loginUrl: url, clientId: 'sandbox-consumer-key', clientSecret: 'sandbox-consumer-secret' };
  }

  async bySoap(options = {}) {
    const conn = new Connection({ loginUrl: this.url, version: '62.0', ...options });
    const user = await conn.login('ann@example.com', 'ann-password');
    return Object.assign(conn, { loggedIn: user });
  }

  async byPassword(options = {}) {
    const conn = new Connection({ oauth2: this.oauth2, version: '62.0', ...options });
    const user = await conn.login('bridge@example.com', 'bridge-passwordQ1w2E3r4');
    return Object.assign(conn, { loggedIn: user });
  }

  async byClientCredentials() {
    const conn = new Connection({ oauth2: this.oauth2, version: '62.0' });
    const user = await conn.authorize({ grant_type: 'client_credentials' });
    return Object.assign(conn, { loggedIn: user });
  }

  byRefreshToken() {
    return new Connection({
      oauth2: this.oauth2,
      version: '62.0',
      instanceUrl: this.url,
      accessToken: 'expired',
      refreshToken: 'sandbox-refresh-token',
    });
  }

  /** What the simulator's admin endpoint is asked to do wrong. */
  async fault(fault) {
    const response = await fetch(`${this.url}/_admin/faults`, { method: 'POST', body: JSON.stringify(fault) });
    if (!response.ok) throw new Error(await response.text());
  }
}

module.exports = { Org };
