-- From version 2 to version 3: what was said of a message beside its octets, and no hash of a password beside the keys
-- of SCRAM, by which passwords are checked too.

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

ALTER TABLE accounts DROP COLUMN password_hash;

-- One row: what the salts are made of that names are told which no account has.
CREATE TABLE login_secret (value BLOB NOT NULL) STRICT;
INSERT INTO login_secret VALUES (randomblob(32));
