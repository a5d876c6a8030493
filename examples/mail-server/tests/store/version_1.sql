-- Version 1. Laid out for IMAP (RFC 9051, RFC 7162) from the start; POP3 sees the INBOX of it.

CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    local_part    TEXT NOT NULL,            -- in lower case, as the domain is
    domain        TEXT NOT NULL,
    password_hash TEXT NOT NULL,            -- a PHC string
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

CREATE TABLE folders (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    account       INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name          TEXT NOT NULL,            -- levels separated by '/'
    uidvalidity   INTEGER NOT NULL UNIQUE CHECK (uidvalidity BETWEEN 1 AND 4294967295),
    uidnext       INTEGER NOT NULL DEFAULT 1 CHECK (uidnext BETWEEN 1 AND 4294967295),
    highestmodseq INTEGER NOT NULL DEFAULT 1,
    special_use   TEXT,                     -- RFC 6154, such as '\Sent'
    subscribed    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, name)
) STRICT;

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
