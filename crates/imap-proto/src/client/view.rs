//! What is known of the selected mailbox.
use super::Client;
use crate::{
    Deviation, DeviationKind, ProtocolError,
    mailbox::{ClientView, Contradiction},
    response::{Code, FetchItem, FetchSink, Status, Untagged, VanishedWhen},
};

/// The selected mailbox.
#[derive(Debug)]
pub(super) enum Mailbox {
    /// None is selected.
    None,
    /// SELECT is in flight: what is told is of the new mailbox.
    Selecting(ClientView),
    /// It is selected.
    Selected(ClientView),
    /// It is selected, and the server has contradicted itself.
    Lost {
        /// UIDVALIDITY, or 0.
        uid_validity: u32,
    },
}

/// Items of a FETCH on their way to the host.
pub(super) struct Watch<'s, S> {
    sink: &'s mut S,
    pub(super) number: u32,
    pub(super) uid: Option<u32>,
    /// How many there were.
    pub(super) items: usize,
}

/// Takes items, and keeps none.
pub(super) struct Nowhere;

impl FetchSink for Nowhere {
    fn item(&mut self, _: FetchItem) {}
}

impl<'s, S: FetchSink> Watch<'s, S> {
    pub(super) fn new(sink: &'s mut S, number: u32) -> Self {
        Self { sink, number, uid: None, items: 0 }
    }
}

impl<S: FetchSink> FetchSink for Watch<'_, S> {
    fn message(&mut self, number: u32) {
        self.number = number;
        self.sink.message(number);
    }

    fn item(&mut self, item: FetchItem) {
        self.items += 1;
        if let FetchItem::Uid(uid) = item {
            self.uid = Some(uid);
        }
        self.sink.item(item);
    }
}

impl Mailbox {
    pub(super) fn view(&self) -> Option<&ClientView> {
        match self {
            Self::Selecting(view) | Self::Selected(view) => Some(view),
            Self::None | Self::Lost { .. } => None,
        }
    }

    /// SELECT has succeeded.
    pub(super) fn selected(&mut self) {
        if let Self::Selecting(view) = core::mem::replace(self, Self::None) {
            *self = Self::Selected(view);
        }
    }

    /// What a response code says of it.
    pub(super) fn code(&mut self, status: &Status) {
        match (self, status.code()) {
            // What was told so far was of the mailbox before.
            // rule rfc7162 3.2.11 closed-forgets: what was told before CLOSED is of the mailbox before
            (Self::Selecting(view), Some(Code::Closed)) => *view = ClientView::new(),
            // rule rfc3501 2.3.1.1 uidvalidity-is-kept: UIDVALIDITY says which UIDs are meant
            (Self::Selecting(view) | Self::Selected(view), Some(Code::UidValidity(validity @ 1..))) => {
                view.uid_validity_is(*validity);
            }
            (Self::Lost { uid_validity }, Some(Code::UidValidity(validity))) => *uid_validity = *validity,
            _ => {}
        }
    }

    fn exists(&mut self, exists: u32) -> Result<(), Contradiction> {
        let anew = |uid_validity| {
            let mut view = ClientView::new();
            view.uid_validity_is(uid_validity);
            // A view that knows of none has no reason to refuse any.
            view.exists(exists).map(|()| view)
        };
        match self {
            Self::None => Ok(()),
            Self::Selected(view) => view.exists(exists),
            // What was told so far may have been of the mailbox before.
            Self::Selecting(view) => anew(view.uid_validity()).map(|new| *view = new),
            Self::Lost { uid_validity } => anew(*uid_validity).map(|view| *self = Self::Selected(view)),
        }
    }

    /// Changes what is known. While SELECT is in flight, what cannot be was said of the mailbox before.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&mut ClientView) -> Result<T, Contradiction>,
    ) -> Result<(), Contradiction> {
        match self {
            Self::None | Self::Lost { .. } => Ok(()),
            Self::Selecting(view) => {
                let _ = change(view);
                Ok(())
            }
            Self::Selected(view) => change(view).map(|_| ()),
        }
    }
}

impl Client {
    /// What an untagged response says of the mailbox.
    pub(super) fn keep_mailbox(&mut self, untagged: &Untagged) -> Result<(), ProtocolError> {
        let kept = match untagged {
            // rule rfc3501 5.2 size-is-recorded: how many messages there are is recorded
            Untagged::Exists(exists) => self.mailbox.exists(*exists),
            // 0 where that was tolerated: it is nobody's number.
            // rule rfc3501 7.4.1 expunge-is-recorded: a message that is expunged has no number any more
            Untagged::Expunge(number @ 1..) => self.mailbox.change(|view| view.expunged(*number)),
            // rule rfc7162 3.2.10 vanished-is-recorded: VANISHED takes messages away as EXPUNGE does
            Untagged::Vanished(vanished) if vanished.when == VanishedWhen::Now => {
                let ranges = vanished.uids.ranges().iter();
                let uids = ranges.filter_map(|range| Some((range.first().number()?, range.last().number()?)));
                self.mailbox.change(|view| view.vanished(uids))
            }
            _ => Ok(()),
        };
        kept.or_else(|contradiction| self.contradicted(contradiction))
    }

    /// What a FETCH says of the mailbox.
    pub(super) fn keep_uid(&mut self, number: u32, uid: Option<u32>) -> Result<(), ProtocolError> {
        if number == 0 {
            return Ok(());
        }
        let kept = self.mailbox.change(|view| {
            let exists = view.messages();
            // rule rfc3501 2.3.1.2 number-within-exists: a message number is one from 1 to the number of messages
            if number > exists {
                return Err(Contradiction::Number { number, exists });
            }
            match uid {
                // rule rfc3501 7.4.2 uid-of-a-fetch: the UID that a FETCH tells is recorded
                Some(uid @ 1..) => view.fetched(number, uid),
                _ => Ok(()),
            }
        });
        kept.or_else(|contradiction| self.contradicted(contradiction))
    }

    fn contradicted(&mut self, contradiction: Contradiction) -> Result<(), ProtocolError> {
        if !self.config.leniency.tolerates(DeviationKind::Contradiction) {
            return Err(self.broken(contradiction.into()));
        }
        self.deviations.push(Deviation { kind: DeviationKind::Contradiction, offset: 0 });
        let uid_validity = self.mailbox.view().map_or(0, ClientView::uid_validity);
        self.mailbox = Mailbox::Lost { uid_validity };
        // How many there are is known all the same.
        if let Contradiction::Fewer { exists, .. } = contradiction {
            let _ = self.mailbox.exists(exists);
        }
        Ok(())
    }
}
