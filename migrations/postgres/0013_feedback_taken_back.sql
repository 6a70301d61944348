-- Feedback is taken back by an event of its own, once.
ALTER TABLE learning_events ADD COLUMN reverts UUID;
CREATE UNIQUE INDEX learning_events_reverts ON learning_events (reverts);
