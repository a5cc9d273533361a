'use strict';

const assert = require('node:assert/strict');
const { Connection } = require('jsforce');
const { StreamingExtension } = require('jsforce/api/streaming');

const CHANNEL = '/event/Order_Placed__e';

/** Gathers what a channel says from a replay id on. */
function listen(conn, channel, replayId, count) {
  const client = conn.streaming.createClient([new StreamingExtension.Replay(channel, replayId)]);
  const events = [];
  const all = new Promise((resolve, reject) => {
    const subscription = client.subscribe(channel, (event) => {
      events.push(event);
      if (events.length === count) resolve(events);
    });
    subscription.then(null, reject);
    listen.subscribed = subscription;
  });
  return all.finally(() => client.disconnect());
}

async function publish(conn, ...amounts) {
  const results = await conn.sobject('Order_Placed__e').create(amounts.map((amount) => ({ Amount__c: amount })));
  return results.map((result) => {
    assert.equal(result.success, true);
    assert.equal(result.errors[0].statusCode, 'OPERATION_ENQUEUED');
    return result.errors[0].message;
  });
}

const amounts = (events) => events.map((event) => event.payload.Amount__c);

module.exports = {
  async publishesEvents(org) {
    const conn = await org.byPassword();
    const single = await conn.sobject('Order_Placed__e').create({ Amount__c: 1 });
    assert.equal(single.success, true);
    assert.equal(single.errors[0].statusCode, 'OPERATION_ENQUEUED');
    assert.equal((await publish(conn, 2, 3)).length, 2);
  },

  async replaysFromTheOldest(org) {
    const conn = await org.byPassword();
    const uuids = await publish(conn, 1, 2, 3);
    const events = await listen(conn, CHANNEL, -2, 3);
    assert.deepEqual(amounts(events), [1, 2, 3]);
    assert.deepEqual(events.map((event) => event.event.EventUuid), uuids);
  },

  async replaysAfterAnEvent(org) {
    const conn = await org.byPassword();
    await publish(conn, 1, 2, 3, 4);
    const events = await listen(conn, CHANNEL, -2, 4);
    const rest = await listen(conn, CHANNEL, events[1].event.replayId, 2);
    assert.deepEqual(amounts(rest), [3, 4]);
  },

  async hearsLiveEvents(org) {
    const conn = await org.byPassword();
    const heard = listen(conn, CHANNEL, -1, 25);
    await listen.subscribed;
    for (let amount = 1; amount <= 25; amount++) await publish(conn, amount);
    assert.deepEqual(amounts(await heard), Array.from({ length: 25 }, (_, index) => index + 1));
  },

  async hearsChanges(org) {
    const conn = await org.bySoap();
    const heard = listen(conn, '/data/AccountChangeEvent', -1, 2);
    await listen.subscribed;
    const { id } = await conn.sobject('Account').create({ Name: 'A' });
    await conn.sobject('Account').update({ Id: id, Name: 'B' });
    const [created, updated] = await heard;
    assert.equal(created.payload.ChangeEventHeader.changeType, 'CREATE');
    assert.deepEqual(updated.payload.ChangeEventHeader.recordIds, [id]);
    assert.equal(updated.payload.Name, 'B');
  },

  async hearsAPushTopic(org) {
    const conn = await org.byPassword();
    const heard = new Promise((resolve) => {
      conn.streaming.topic('CustomerAccounts').subscribe(resolve).then(() => conn.sobject('Account').create({ Name: 'A', Type: 'Customer' }));
    });
    const message = await heard;
    assert.equal(message.event.type, 'created');
    assert.equal(message.sobject.Name, 'A');
  },

  async hearsAPushTopicOfItsOwn(org) {
    const conn = await org.byPassword();
    const topic = { Name: 'Mine', Query: 'SELECT Id, LastName FROM Contact', ApiVersion: 62, NotifyForFields: 'All' };
    assert.ok((await conn.sobject('PushTopic').create(topic)).success);
    await assert.rejects(conn.sobject('PushTopic').create({ ...topic, Name: 'Other', Query: 'SELECT Nope__c FROM Contact' }), { errorCode: 'INVALID_FIELD' });
    const heard = new Promise((resolve) => {
      conn.streaming.topic('Mine').subscribe(resolve).then(() => conn.sobject('Contact').create({ LastName: 'Roe' }));
    });
    assert.equal((await heard).event.type, 'created');
  },

  async pushesToAGenericChannel(org) {
    const conn = await org.byPassword();
    const heard = listen(conn, '/u/Notices', -1, 1);
    await listen.subscribed;
    const result = await conn.streaming.channel('/u/Notices').push({ payload: 'ahoy', userIds: [] });
    assert.deepEqual(result, { fanoutCount: -1, userOnlineStatus: {} });
    assert.equal((await heard)[0].payload, 'ahoy');
  },

  async refusesAnUnknownReplayId(org) {
    const conn = await org.byPassword();
    await assert.rejects(listen(conn, CHANNEL, 4711, 1), /The replayId \{4711\} you provided was invalid/);
  },

  async survivesAForgottenClient(org) {
    const conn = await org.byPassword();
    const heard = listen(conn, CHANNEL, -1, 2);
    await listen.subscribed;
    await publish(conn, 1);
    await org.fault({ fault: 'forgotten-client', times: 1 });
    await publish(conn, 2);
    assert.deepEqual(amounts(await heard), [1, 2]);
  },

  async hearsThatItsTokenIsGone(org) {
    const conn = await org.byPassword();
    const gone = new Promise((resolve) => {
      const client = new Connection({ instanceUrl: conn.instanceUrl, accessToken: conn.accessToken, version: '62.0' })
        .streaming.createClient([new StreamingExtension.AuthFailure(resolve)]);
      client.subscribe(CHANNEL, () => {}).then(() => org.fault({ fault: 'expired-token', on: 'streaming', times: 1 }));
    });
    assert.equal((await gone).error, '401::Authentication invalid');
  },
};
