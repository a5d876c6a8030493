//! What a proxy in front tells: XCLIENT and XFORWARD.
use super::{
    Event, Server,
    answer::{Rejection, known},
    request::{Request, sealed},
    transaction::Transaction,
};
use crate::{ClientAttributes, Code, EnhancedCode, Extension, Identity, parameters::Known, state::Verb};
use alloc::format;
use mail_wire::Text;

/// XCLIENT, as [Postfix describes it](https://www.postfix.org/XCLIENT_README.html).
#[derive(Debug)]
#[non_exhaustive]
pub struct XClient {
    /// Who the client is: none that is not on offer.
    pub attributes: ClientAttributes,
}

/// XFORWARD, as [Postfix describes it](https://www.postfix.org/XFORWARD_README.html).
#[derive(Debug)]
#[non_exhaustive]
pub struct XForward {
    /// Where the mail to come is from: none that is not on offer.
    pub attributes: ClientAttributes,
}

impl Server {
    /// Asks the host, if all that is told is on offer.
    pub(super) fn told(&mut self, extension: Extension, attributes: ClientAttributes) -> Option<Event> {
        let offered = self.config.extensions.parameters(extension).unwrap_or_default();
        let is_offered = |name: &str| offered.split(' ').any(|offered| offered.eq_ignore_ascii_case(name));
        if let Some((name, _)) = attributes.iter().find(|(name, _)| !is_offered(name)) {
            let text = format!("attribute {name} is not offered");
            return self.error(Code::BAD_ARGUMENT, EnhancedCode::INVALID_ARGUMENTS, &text);
        }
        Some(match extension {
            Extension::XClient => self.ask(Event::XClient, XClient { attributes }),
            _ => self.ask(Event::XForward, XForward { attributes }),
        })
    }
}

/// Answered with whether the client counts as one that has logged in, as its `LOGIN` may say.
impl Request for XClient {
    type Answer = Identity;
    type Grant = ();
    fn accepted(self, server: &mut Server, identity: Identity, _: sealed::Key) {
        server.resume();
        server.advance(Verb::XClient);
        server.state.identity = identity;
        server.dialect = None;
        server.parameters = Known::NONE;
        server.transaction = Transaction::default();
        server.greet();
        server.count_idle();
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.answer_inquiry(rejection.reply());
    }
}

impl Request for XForward {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        server.answer_inquiry(&known(Code::OK, EnhancedCode::OK, Text::from_static("ok")));
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.answer_inquiry(rejection.reply());
    }
}
