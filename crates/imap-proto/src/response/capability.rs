//! What a server can do.
use crate::grammar::{
    class::{self, ATOM},
    leaf::{Key, LONG, key},
};
use alloc::vec::Vec;
use core::fmt;
use mail_wire::{InvalidText, Mechanism, Text, word::Letters};

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* ; $($(#[$long_doc:meta])* $long:ident = $long_name:literal),* $(,)?) => {
        /// A capability of a server that has no parameter.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Capability { $($(#[$doc])* $variant,)* $($(#[$long_doc])* $long),* }

        #[expect(non_upper_case_globals, reason = "named as the variants are")]
        mod keys {
            use super::{Key, key};
            $(pub(super) const $variant: Key = key($name.as_bytes());)*
        }

        impl Capability {
            /// All, in the order they are written in.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)* $(Self::$long),*];

            /// As it is written.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* $(Self::$long => $long_name),* }
            }

            /// The one of this name, whose key was made of it.
            #[inline]
            fn of(name: &[u8], key: Key) -> Option<Self> {
                Some(match key {
                    $(keys::$variant => Self::$variant,)*
                    LONG => return Self::of_long(name),
                    _ => return None,
                })
            }

            /// The one whose name has this key, of those of up to 15 octets.
            #[inline]
            pub(crate) fn of_key(key: Key) -> Option<Self> {
                match key { $(keys::$variant => Some(Self::$variant),)* _ => None }
            }

            fn of_long(name: &[u8]) -> Option<Self> {
                $(if name.eq_ignore_ascii_case($long_name.as_bytes()) { return Some(Self::$long); })*
                None
            }
        }
    };
}

capabilities! {
    /// IMAP4rev1 ([RFC 3501](https://www.rfc-editor.org/rfc/rfc3501)).
    Imap4Rev1 = "IMAP4rev1",
    /// IMAP4rev2 ([RFC 9051](https://www.rfc-editor.org/rfc/rfc9051)).
    Imap4Rev2 = "IMAP4rev2",
    /// STARTTLS.
    StartTls = "STARTTLS",
    /// LOGIN is refused.
    LoginDisabled = "LOGINDISABLED",
    /// AUTHENTICATE takes a first response ([RFC 4959](https://www.rfc-editor.org/rfc/rfc4959)).
    SaslIr = "SASL-IR",
    /// Non-synchronising literals ([RFC 7888](https://www.rfc-editor.org/rfc/rfc7888)).
    LiteralPlus = "LITERAL+",
    /// Non-synchronising literals of up to 4096 octets ([RFC 7888](https://www.rfc-editor.org/rfc/rfc7888)).
    LiteralMinus = "LITERAL-",
    /// IDLE ([RFC 2177](https://www.rfc-editor.org/rfc/rfc2177)).
    Idle = "IDLE",
    /// ENABLE ([RFC 5161](https://www.rfc-editor.org/rfc/rfc5161)).
    Enable = "ENABLE",
    /// LOGIN may refer to another server ([RFC 2221](https://www.rfc-editor.org/rfc/rfc2221)).
    LoginReferrals = "LOGIN-REFERRALS",
    /// ID ([RFC 2971](https://www.rfc-editor.org/rfc/rfc2971)).
    Id = "ID",
    /// NAMESPACE ([RFC 2342](https://www.rfc-editor.org/rfc/rfc2342)).
    Namespace = "NAMESPACE",
    /// UIDs of appended and copied messages ([RFC 4315](https://www.rfc-editor.org/rfc/rfc4315)).
    UidPlus = "UIDPLUS",
    /// MOVE ([RFC 6851](https://www.rfc-editor.org/rfc/rfc6851)).
    Move = "MOVE",
    /// UNSELECT ([RFC 3691](https://www.rfc-editor.org/rfc/rfc3691)).
    Unselect = "UNSELECT",
    /// Modification sequences ([RFC 7162](https://www.rfc-editor.org/rfc/rfc7162)).
    CondStore = "CONDSTORE",
    /// Quick resynchronisation ([RFC 7162](https://www.rfc-editor.org/rfc/rfc7162)).
    QResync = "QRESYNC",
    /// ESEARCH ([RFC 4731](https://www.rfc-editor.org/rfc/rfc4731)).
    ESearch = "ESEARCH",
    /// `$`, the saved result of a search ([RFC 5182](https://www.rfc-editor.org/rfc/rfc5182)).
    SearchRes = "SEARCHRES",
    /// Extended LIST ([RFC 5258](https://www.rfc-editor.org/rfc/rfc5258)).
    ListExtended = "LIST-EXTENDED",
    /// LIST that returns STATUS ([RFC 5819](https://www.rfc-editor.org/rfc/rfc5819)).
    ListStatus = "LIST-STATUS",
    /// LIST that tells whether there are children ([RFC 3348](https://www.rfc-editor.org/rfc/rfc3348)).
    Children = "CHILDREN",
    /// What mailboxes are for ([RFC 6154](https://www.rfc-editor.org/rfc/rfc6154)).
    SpecialUse = "SPECIAL-USE",
    /// `SIZE` in STATUS ([RFC 8438](https://www.rfc-editor.org/rfc/rfc8438)).
    StatusSize = "STATUS=SIZE",
    /// APPEND of several messages ([RFC 3502](https://www.rfc-editor.org/rfc/rfc3502)).
    MultiAppend = "MULTIAPPEND",
    /// BINARY ([RFC 3516](https://www.rfc-editor.org/rfc/rfc3516)).
    Binary = "BINARY",
    /// CATENATE ([RFC 4469](https://www.rfc-editor.org/rfc/rfc4469)).
    Catenate = "CATENATE",
    /// REPLACE ([RFC 8508](https://www.rfc-editor.org/rfc/rfc8508)).
    Replace = "REPLACE",
    /// UTF-8 may be enabled ([RFC 6855](https://www.rfc-editor.org/rfc/rfc6855)).
    Utf8Accept = "UTF8=ACCEPT",
    /// UTF-8 must be enabled ([RFC 6855](https://www.rfc-editor.org/rfc/rfc6855)).
    Utf8Only = "UTF8=ONLY",
    /// SORT ([RFC 5256](https://www.rfc-editor.org/rfc/rfc5256)).
    Sort = "SORT",
    /// SORT by display names ([RFC 5957](https://www.rfc-editor.org/rfc/rfc5957)).
    SortDisplay = "SORT=DISPLAY",
    /// SORT with return options ([RFC 5267](https://www.rfc-editor.org/rfc/rfc5267)).
    ESort = "ESORT",
    /// Search keys OLDER and YOUNGER ([RFC 5032](https://www.rfc-editor.org/rfc/rfc5032)).
    Within = "WITHIN",
    /// Fuzzy search ([RFC 6203](https://www.rfc-editor.org/rfc/rfc6203)).
    SearchFuzzy = "SEARCH=FUZZY",
    /// Search in several mailboxes ([RFC 7377](https://www.rfc-editor.org/rfc/rfc7377)).
    MultiSearch = "MULTISEARCH",
    /// Ranges of results ([RFC 9394](https://www.rfc-editor.org/rfc/rfc9394)).
    Partial = "PARTIAL",
    /// NOTIFY ([RFC 5465](https://www.rfc-editor.org/rfc/rfc5465)).
    Notify = "NOTIFY",
    /// METADATA ([RFC 5464](https://www.rfc-editor.org/rfc/rfc5464)).
    Metadata = "METADATA",
    /// Access control lists ([RFC 4314](https://www.rfc-editor.org/rfc/rfc4314)).
    Acl = "ACL",
    /// Quotas ([RFC 9208](https://www.rfc-editor.org/rfc/rfc9208)).
    Quota = "QUOTA",
    /// SETQUOTA ([RFC 9208](https://www.rfc-editor.org/rfc/rfc9208)).
    QuotaSet = "QUOTASET",
    /// Identifiers of mailboxes, messages and threads ([RFC 8474](https://www.rfc-editor.org/rfc/rfc8474)).
    ObjectId = "OBJECTID",
    /// SAVEDATE ([RFC 8514](https://www.rfc-editor.org/rfc/rfc8514)).
    SaveDate = "SAVEDATE",
    /// PREVIEW ([RFC 8970](https://www.rfc-editor.org/rfc/rfc8970)).
    Preview = "PREVIEW",
    /// UNAUTHENTICATE ([RFC 8437](https://www.rfc-editor.org/rfc/rfc8437)).
    Unauthenticate = "UNAUTHENTICATE",
    /// LANGUAGE ([RFC 5255](https://www.rfc-editor.org/rfc/rfc5255)).
    Language = "LANGUAGE";
    /// Mailboxes may be on another server ([RFC 2193](https://www.rfc-editor.org/rfc/rfc2193)).
    MailboxReferrals = "MAILBOX-REFERRALS",
    /// CREATE that says what a mailbox is for ([RFC 6154](https://www.rfc-editor.org/rfc/rfc6154)).
    CreateSpecialUse = "CREATE-SPECIAL-USE",
    /// COMPRESS ([RFC 4978](https://www.rfc-editor.org/rfc/rfc4978)).
    CompressDeflate = "COMPRESS=DEFLATE",
    /// THREAD by subject ([RFC 5256](https://www.rfc-editor.org/rfc/rfc5256)).
    ThreadOrderedSubject = "THREAD=ORDEREDSUBJECT",
    /// THREAD by references ([RFC 5256](https://www.rfc-editor.org/rfc/rfc5256)).
    ThreadReferences = "THREAD=REFERENCES",
}

/// What a server can do, in any order: what CAPABILITY, ENABLED and the response code CAPABILITY tell.
///
/// ```
/// use imap_proto::{Mechanism, response::{Capabilities, Capability}};
/// let offered = Capabilities::new().with(Capability::Imap4Rev1).with_mechanism(Mechanism::PLAIN);
/// assert!(offered.has(Capability::Imap4Rev1));
/// assert_eq!(offered.mechanisms(), [Mechanism::PLAIN]);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Capabilities {
    known: u64,
    mechanisms: Vec<Mechanism>,
    /// Those that are not known, as they were written, each once.
    others: Vec<Text>,
}

/// More mechanisms than this nobody has.
const MAX_MECHANISMS: usize = 64;
/// More unknown capabilities than this are dropped.
const MAX_OTHERS: usize = 256;

impl Capabilities {
    /// None.
    pub const fn new() -> Self {
        Self { known: 0, mechanisms: Vec::new(), others: Vec::new() }
    }

    /// Is this one among them?
    pub fn has(&self, capability: Capability) -> bool {
        self.known & 1 << capability as u64 != 0
    }

    /// Is the one of this name among them, in whatever case?
    pub fn has_named(&self, name: &str) -> bool {
        match Capability::of(name.as_bytes(), key(name.as_bytes())) {
            Some(capability) => self.has(capability),
            None => self.others.iter().any(|other| other.as_bytes().eq_ignore_ascii_case(name.as_bytes())),
        }
    }

    /// Those that are known.
    pub fn iter(&self) -> impl Iterator<Item = Capability> + '_ {
        Capability::ALL.iter().copied().filter(|capability| self.has(*capability))
    }

    /// The SASL mechanisms: `AUTH=`.
    pub fn mechanisms(&self) -> &[Mechanism] {
        &self.mechanisms
    }

    /// Those that are not known, as they were written.
    pub fn others(&self) -> &[Text] {
        &self.others
    }

    /// The value behind a name and `=`: `APPENDLIMIT=35651584`, `RIGHTS=texk`, `QUOTA=RES-STORAGE`.
    pub fn parameters<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.others.iter().filter_map(move |other| {
            let (found, value) = other.as_bytes().split_at_checked(name.len())?;
            if found.eq_ignore_ascii_case(name.as_bytes()) { value.strip_prefix(b"=") } else { None }
        })
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.known == 0 && self.mechanisms.is_empty() && self.others.is_empty()
    }

    /// With this one.
    #[must_use]
    pub fn with(mut self, capability: Capability) -> Self {
        self.known |= 1 << capability as u64;
        self
    }

    /// Without this one.
    #[must_use]
    pub fn without(mut self, capability: Capability) -> Self {
        self.known &= !(1 << capability as u64);
        self
    }

    /// With this mechanism.
    #[must_use]
    pub fn with_mechanism(mut self, mechanism: Mechanism) -> Self {
        self.add_mechanism(mechanism);
        self
    }

    /// With the one of this name, which may be one that has a variant.
    ///
    /// # Errors
    /// It is no atom.
    pub fn with_named(mut self, name: &str) -> Result<Self, InvalidText> {
        if let Some(offset) = name.bytes().position(|octet| !class::is(octet, ATOM)) {
            return Err(InvalidText {
                offset,
                octet: name.as_bytes().get(offset).copied().unwrap_or_default(),
            });
        }
        let text = Text::try_from(name)?;
        if !name.is_empty() {
            self.add(name.as_bytes(), || text);
        }
        Ok(self)
    }

    /// A copy free of the blocks that the unknown ones were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        let others = self.others.iter().map(Text::detach).collect();
        Self { known: self.known, mechanisms: self.mechanisms.clone(), others }
    }

    #[inline]
    pub(crate) fn insert(&mut self, capability: Capability) {
        self.known |= 1 << capability as u64;
    }

    /// Adds what stands in a list of capabilities.
    #[inline]
    pub(crate) fn add(&mut self, name: &[u8], text: impl FnOnce() -> Text) {
        if let Some(capability) = Capability::of(name, key(name)) {
            self.known |= 1 << capability as u64;
            return;
        }
        const AUTH: Letters = Letters::new("AUTH=");
        let mechanism =
            AUTH.behind(name).and_then(|name| Mechanism::new(core::str::from_utf8(name).ok()?).ok());
        if let Some(mechanism) = mechanism {
            return self.add_mechanism(mechanism);
        }
        let is_known = || self.others.iter().any(|other| other.as_bytes().eq_ignore_ascii_case(name));
        if self.others.len() < MAX_OTHERS && !is_known() {
            self.others.push(text());
        }
    }

    pub(crate) fn add_mechanism(&mut self, mechanism: Mechanism) {
        if self.mechanisms.len() < MAX_MECHANISMS && !self.mechanisms.contains(&mechanism) {
            self.mechanisms.push(mechanism);
        }
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.iter().map(Capability::as_str);
        let mechanisms = self.mechanisms.iter();
        f.debug_list().entries(known).entries(mechanisms).entries(&self.others).finish()
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        capabilities.into_iter().fold(Self::new(), Self::with)
    }
}
