//! Every scenario, by the program it runs.

mod certificates;
mod client_machine;
mod curl;
mod curl_imap;
mod delivery;
mod exim;
mod fetchmail;
mod getmail;
mod imap;
mod imap_client_machine;
mod imap_memory;
mod imapfilter;
mod imapflow;
mod kill_loop;
mod large_message;
mod mail_client;
mod mail_pop;
mod mail_send;
mod mirror;
mod mpop;
mod msmtp;
mod neomutt;
mod nodemailer;
mod postfix;
mod python;
mod shutdown;
mod smtp_sink;
mod smtp_source;
mod smuggling;
mod strace;
mod swaks;

use crate::failure::Outcome;
use crate::server::Login;
use crate::stage::Stage;
use crate::target::{ImapTarget, Subject, with_target};

/// One thing that must work, shown on one line of the report.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    /// `program: what it does`.
    pub(crate) name: &'static str,
    body: Body,
}

#[derive(Clone, Copy)]
enum Body {
    /// Starts by itself what it needs.
    OnStage(fn(&Stage) -> Outcome),
    /// Is given a server that speaks IMAP, and takes logins as it is told.
    OnTarget(Login, fn(&Stage, &ImapTarget) -> Outcome),
}

impl Scenario {
    const fn new(name: &'static str, run: fn(&Stage) -> Outcome) -> Self {
        Self { name, body: Body::OnStage(run) }
    }

    /// A scenario whose server takes logins over TLS alone.
    const fn imap(name: &'static str, run: fn(&Stage, &ImapTarget) -> Outcome) -> Self {
        Self { name, body: Body::OnTarget(Login::OverTls, run) }
    }

    /// A scenario whose server takes logins without TLS too.
    const fn imap_in_clear(name: &'static str, run: fn(&Stage, &ImapTarget) -> Outcome) -> Self {
        Self { name, body: Body::OnTarget(Login::Anywhere, run) }
    }

    pub(crate) fn run(&self, stage: &Stage) -> Outcome {
        match self.body {
            Body::OnStage(run) => run(stage),
            Body::OnTarget(login, run) => with_target(stage, login, run),
        }
    }
}

/// The scenarios that can run against this server, in the order in which they run: the quick ones first.
pub(crate) fn all(subject: Subject) -> Vec<Scenario> {
    let mut scenarios = [
        swaks::ALL,
        curl::ALL,
        python::ALL,
        certificates::ALL,
        msmtp::ALL,
        nodemailer::ALL,
        exim::ALL,
        postfix::ALL,
        mpop::ALL,
        fetchmail::ALL,
        getmail::ALL,
        imap::ALL,
        curl_imap::ALL,
        mirror::ALL,
        neomutt::ALL,
        imapfilter::ALL,
        imapflow::ALL,
        smuggling::ALL,
        shutdown::ALL,
        strace::ALL,
        client_machine::ALL,
        imap_client_machine::ALL,
        mail_client::ALL,
        mail_pop::ALL,
        mail_send::ALL,
        delivery::ALL,
        smtp_sink::ALL,
        imap_memory::ALL,
        smtp_source::ALL,
        large_message::ALL,
        kill_loop::ALL,
    ]
    .concat();
    scenarios
        .retain(|scenario| subject == Subject::MailServer || matches!(scenario.body, Body::OnTarget(..)));
    scenarios
}
