'use strict';

const assert = require('node:assert/strict');

const MINUTE = 60 * 1000;

module.exports = {
  async updatedAndDeleted(org) {
    const conn = await org.byPassword();
    const [kept, gone] = await conn.sobject('Account').create([{ Name: 'Kept' }, { Name: 'Gone' }]);
    await conn.sobject('Account').destroy(gone.id);
    const [start, end] = [new Date(Date.now() - 10 * MINUTE), new Date(Date.now() + 2 * MINUTE)];
    const updated = await conn.sobject('Account').updated(start, end);
    assert.deepEqual(updated.ids, [kept.id]);
    assert.ok(Date.parse(updated.latestDateCovered) <= Date.now());
    const deleted = await conn.sobject('Account').deleted(start.toISOString(), end.toISOString());
    assert.deepEqual(deleted.deletedRecords.map((record) => record.id), [gone.id]);
    assert.ok(Date.parse(deleted.earliestDateAvailable) <= start.getTime());
    await assert.rejects(conn.updated('Account', end, start), { errorCode: 'INVALID_REPLICATION_DATE' });
  },

  async recentRecords(org) {
    const conn = await org.byPassword();
    await conn.sobject('Account').create({ Name: 'First' });
    await conn.sobject('Opportunity').create({ Name: 'Deal', StageName: 'Prospecting', CloseDate: '2026-04-03' });
    assert.deepEqual((await conn.recent()).map((record) => record.Name).sort(), ['Deal', 'First']);
    assert.equal((await conn.recent(1)).length, 1);
    assert.deepEqual((await conn.sobject('Account').recent()).map((record) => record.Name), ['First']);
  },
};
