'use strict';

// A real Bayeux server with a replayable log of numbered events. Arguments: port, milliseconds to hold a poll.
// POST /control/publish?count=&size=&perPoll=   makes the log that long; events have about that size, a reply at most so many
// POST /control/forget                          forgets all sessions
const http = require('http');
const cometd = require('cometd-nodejs-server');

const [port = '0', hold = '200'] = process.argv.slice(2);
const server = cometd.createCometDServer({ timeout: Number(hold), maxInterval: 10000 });
const log = { count: 0, size: 500, perPoll: 100 };
const subscriptions = new Map(); // session -> channel -> the number of the last event delivered
const counts = { handshakes: 0, subscribes: 0 };

function event(number) {
  const rest = 'x'.repeat(Math.max(0, log.size - 190));
  return {
    schema: 'dffQ2QLzDNHqwB8_sHMxdA',
    payload: { CreatedDate: '2026-11-22T18:31:40.517Z', Number__c: number, Text__c: rest },
    event: { EventUuid: `2ec0e371-1395-457f-9275-${String(number).padStart(12, '0')}`, replayId: number },
  };
}

function deliver(session, most) {
  for (const [channel, last] of subscriptions.get(session) ?? []) {
    const next = Math.min(log.count, last + most);
    for (let number = last + 1; number <= next; number++) session.deliver(null, channel, event(number));
    subscriptions.get(session).set(channel, next);
  }
}

server.addExtension({
  incoming(_, session, message, callback) {
    if (message.channel === '/meta/handshake') counts.handshakes++;
    if (message.channel === '/meta/connect') deliver(session, log.perPoll);
    if (message.channel === '/meta/subscribe') {
      counts.subscribes++;
      const from = message.ext?.replay?.[message.subscription] ?? -1;
      if (!subscriptions.has(session)) subscriptions.set(session, new Map());
      subscriptions.get(session).set(message.subscription, from === -1 ? log.count : from === -2 ? 0 : from);
    }
    callback(undefined, true);
  },
});
server.addListener('sessionRemoved', session => subscriptions.delete(session));

const controls = {
  publish(query) {
    for (const [name, value] of query) log[name] = Number(value);
    // One event wakes a poll that is held; the next one fetches the rest.
    for (const session of subscriptions.keys()) deliver(session, 1);
  },
  forget() {
    for (const session of [...subscriptions.keys()]) session.disconnect();
  },
  counts() {},
};

const listener = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const control = /^\/control\/(\w+)$/.exec(url.pathname);
  if (!control) return server.handle(request, response);
  controls[control[1]](url.searchParams);
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(counts));
});
listener.keepAliveTimeout = 60000;
listener.listen(Number(port), '127.0.0.1', () => console.log(`listening on ${listener.address().port}`));
