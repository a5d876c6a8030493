//! UTF8 and LANG ([RFC 6856](https://www.rfc-editor.org/rfc/rfc6856)).
use super::{Event, Server};
use crate::{Charset, Command, LanguageRange};
use alloc::string::ToString;
use core::fmt;
use mail_wire::Output;

impl Server {
    /// `+OK`: from here on messages and all else may be UTF-8.
    pub(super) fn utf8(&mut self) {
        // rule rfc6856 2.1 utf8-mode: UTF8 switches the session to UTF-8
        self.charset = Charset::Utf8;
        self.ok("UTF8 enabled");
    }

    /// `+OK` and a line for each language.
    pub(super) fn languages(&mut self) {
        self.ok("language listing follows");
        for language in &self.config.languages {
            // rule rfc6856 3.2 lang-lists: LANG alone lists the languages
            language.encode(&mut self.outbox);
        }
        self.outbox.text(b".\r\n");
    }

    /// Chooses a language. `None`: there is none like that, and the one before it stays.
    pub(super) fn choose(&mut self, range: &LanguageRange) -> Option<Event> {
        let mut languages = self.config.languages.iter().enumerate();
        let chosen = languages.find(|(_, language)| range.matches(language.tag()));
        let Some((at, language)) = chosen else {
            // rule rfc6856 3.2 lang-failed: a language that is not on offer is refused, and nothing changes
            self.err("no such language");
            return None;
        };
        self.language = Some(at);
        // rule rfc6856 3.2 lang-tells-tag: the reply to LANG tells the language, and words in it
        self.outbox.text(b"+OK ");
        language.encode(&mut self.outbox);
        Some(Event::Language(language.tag().clone()))
    }

    /// Are names and passwords what they may be?
    pub(super) fn is_text(&self, command: &Command) -> bool {
        let octets = match command {
            Command::User(name) | Command::Apop { name, .. } => name.as_bytes(),
            Command::Pass(password) => password.as_bytes(),
            _ => return true,
        };
        // Where UTF-8 is not on offer octets are octets: the host knows how its names were written.
        self.config.utf8 != Some(Charset::Utf8) || core::str::from_utf8(octets).is_ok()
    }

    pub(super) fn speaks_english(&self) -> bool {
        let chosen = self.language.and_then(|at| self.config.languages.get(at));
        chosen.is_none_or(|language| language.tag().is_of("en") || language.tag().is_of("i-default"))
    }

    /// The status, and the response code where there is one.
    pub(super) fn status_alone(&mut self, status: &str, words: impl fmt::Display) {
        let words = words.to_string();
        let code = words.strip_prefix('[').and_then(|words| words.split_once(']'));
        self.outbox.text(status.as_bytes());
        if let Some((code, _)) = code {
            self.outbox.text(b" [");
            self.outbox.text(code.as_bytes());
            self.outbox.text(b"]");
        }
        self.outbox.text(b"\r\n");
    }
}
