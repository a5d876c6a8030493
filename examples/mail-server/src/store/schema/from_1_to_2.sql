-- From version 1 to version 2: subscriptions are names, folders count their messages, and remember what is recent.

-- Names, be there such folders or not (RFC 9051 section 6.3.7).
CREATE TABLE subscriptions (
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
INSERT INTO subscriptions SELECT account, name FROM folders WHERE subscribed = 1;
ALTER TABLE folders DROP COLUMN subscribed;

ALTER TABLE folders ADD COLUMN recent_from INTEGER NOT NULL DEFAULT 1;
ALTER TABLE folders ADD COLUMN messages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folders ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folders ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folders ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
UPDATE folders SET (messages, unseen, deleted, size) = (
    SELECT count(*), ifnull(sum(flags & 1 = 0), 0), ifnull(sum(flags & 8 != 0), 0), ifnull(sum(bodies.size), 0)
    FROM messages JOIN bodies ON bodies.id = messages.body
    WHERE messages.folder = folders.id
);
CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
    UPDATE folders SET
        messages = messages + 1,
        unseen = unseen + (NEW.flags & 1 = 0),
        deleted = deleted + (NEW.flags & 8 != 0),
        size = size + (SELECT size FROM bodies WHERE id = NEW.body)
    WHERE id = NEW.folder;
END;
CREATE TRIGGER messages_flagged AFTER UPDATE OF flags ON messages
WHEN OLD.flags & 9 != NEW.flags & 9 BEGIN
    UPDATE folders SET
        unseen = unseen + (NEW.flags & 1 = 0) - (OLD.flags & 1 = 0),
        deleted = deleted + (NEW.flags & 8 != 0) - (OLD.flags & 8 != 0)
    WHERE id = NEW.folder;
END;
CREATE TRIGGER messages_removed AFTER DELETE ON messages BEGIN
    UPDATE folders SET
        messages = messages - 1,
        unseen = unseen - (OLD.flags & 1 = 0),
        deleted = deleted - (OLD.flags & 8 != 0),
        size = size - (SELECT size FROM bodies WHERE id = OLD.body)
    WHERE id = OLD.folder;
END;

-- What was computed from bodies and can be computed again: the text stands last, so that reading a summary does not
-- pass over it.
CREATE TABLE derived (
    body    INTEGER PRIMARY KEY REFERENCES bodies (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    summary BLOB NOT NULL,
    text    BLOB
) STRICT;
