-- Version 3. Laid out for IMAP (RFC 9051, RFC 7162) from the start; POP3 sees the INBOX of it.

CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    local_part    TEXT NOT NULL,            -- in lower case, as the domain is
    domain        TEXT NOT NULL,
    created_at    INTEGER NOT NULL,         -- seconds since 1970, as every time below
    UNIQUE (local_part, domain)
) STRICT;
CREATE INDEX accounts_by_domain ON accounts (domain);

-- What SCRAM checks a login against (RFC 5802 section 3).
CREATE TABLE scram_keys (
    account    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash       TEXT NOT NULL,               -- SHA-1 or SHA-256
    salt       BLOB NOT NULL,
    iterations INTEGER NOT NULL,
    stored_key BLOB NOT NULL,
    server_key BLOB NOT NULL,
    PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

-- One row: what the salts are made of that names are told which no account has.
CREATE TABLE login_secret (value BLOB NOT NULL) STRICT;
INSERT INTO login_secret VALUES (randomblob(32));

CREATE TABLE folders (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    account       INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name          TEXT NOT NULL,            -- levels separated by '/'
    uidvalidity   INTEGER NOT NULL UNIQUE CHECK (uidvalidity BETWEEN 1 AND 4294967295),
    uidnext       INTEGER NOT NULL DEFAULT 1 CHECK (uidnext BETWEEN 1 AND 4294967295),
    highestmodseq INTEGER NOT NULL DEFAULT 1,
    special_use   TEXT,                     -- RFC 6154, such as '\Sent'
    recent_from   INTEGER NOT NULL DEFAULT 1, -- from this UID on, no session was told of a message as recent
    messages      INTEGER NOT NULL DEFAULT 0, -- what follows is counted by the triggers below
    unseen        INTEGER NOT NULL DEFAULT 0,
    deleted       INTEGER NOT NULL DEFAULT 0,
    size          INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, name)
) STRICT;

-- Names, be there such folders or not (RFC 9051 section 6.3.7).
CREATE TABLE subscriptions (
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- One row: the least UIDVALIDITY that no folder ever had.
CREATE TABLE next_uidvalidity (value INTEGER NOT NULL) STRICT;
INSERT INTO next_uidvalidity VALUES (1);

-- One file in bodies/, shared by all the messages that refer to it.
CREATE TABLE bodies (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL
) STRICT;

CREATE TABLE messages (
    folder        INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    uid           INTEGER NOT NULL,
    body          INTEGER NOT NULL REFERENCES bodies (id),
    modseq        INTEGER NOT NULL,
    internal_date INTEGER NOT NULL,
    flags         INTEGER NOT NULL DEFAULT 0, -- 1 \Seen, 2 \Answered, 4 \Flagged, 8 \Deleted, 16 \Draft
    PRIMARY KEY (folder, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_by_body ON messages (body);
CREATE INDEX messages_by_modseq ON messages (folder, modseq);

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

CREATE TABLE keywords (
    folder  INTEGER NOT NULL,
    uid     INTEGER NOT NULL,
    keyword TEXT NOT NULL,
    PRIMARY KEY (folder, uid, keyword),
    FOREIGN KEY (folder, uid) REFERENCES messages (folder, uid) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What is gone, for clients that come back (RFC 7162 section 3.2, VANISHED).
CREATE TABLE expunged (
    folder INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    uid    INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    PRIMARY KEY (folder, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX expunged_by_modseq ON expunged (folder, modseq);

-- What was computed from bodies and can be computed again: the text stands last, so that reading a summary does not
-- pass over it.
CREATE TABLE derived (
    body    INTEGER PRIMARY KEY REFERENCES bodies (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    summary BLOB NOT NULL,
    text    BLOB
) STRICT;

-- A row for each message that came by SMTP or LMTP, and one for each of its recipients, as commands of SMTP: with all
-- parameters, such as those that ask for notifications (RFC 3461).
CREATE TABLE envelopes (
    body INTEGER PRIMARY KEY REFERENCES bodies (id) ON DELETE CASCADE,
    mail TEXT NOT NULL
) STRICT;
CREATE TABLE envelope_recipients (
    body     INTEGER NOT NULL REFERENCES envelopes (body) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    rcpt     TEXT NOT NULL,
    PRIMARY KEY (body, position)
) STRICT, WITHOUT ROWID;
