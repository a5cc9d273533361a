-- The org's user that the bridge acts as, as the last token said that was let through. It is written before the first call under that token
-- is made, so whatever such a call causes finds it here: a callout of this user is the bridge's own doing.
alter table org add column user_id text;
