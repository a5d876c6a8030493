//! `mail watch`
mod state;

use crate::{
    account::{Account, OpenError},
    causes::Causes,
    session::Mail,
    text,
};
use imap_proto::{
    Command, Fetch, FetchItem, FetchItems, MailboxName, Numbering, SequenceSet,
    client::Event,
    mailbox::ClientView,
    response::{StatusKind, Untagged},
};
use state::State;
use std::{
    convert::Infallible,
    error::Error,
    future::Future,
    io::{self, Write},
    pin::{Pin, pin},
    time::Duration,
};
use tokio::time::{Instant, sleep};
use tokio_codec::imap;

/// How long to wait before connecting again: at first, and at most.
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(300);

/// A session that lasted so long was a good one: the next failure is a new one.
const GOOD: Duration = Duration::from_secs(60);

/// New messages asked for at once.
const BATCH: u32 = 200;

/// Tells what happens in a mailbox, until Ctrl-C.
pub(crate) async fn watch(account: &Account, mailbox: &MailboxName) -> Result<(), Box<dyn Error>> {
    let mut mail = account.open().await?;
    let mut state = State::default();
    let mut delay = FIRST_DELAY;
    let mut stop = pin!(stopped());
    loop {
        let since = Instant::now();
        let failed = tokio::select! {
            failed = follow(&mut mail, mailbox, &mut state) => failed,
            stopped = &mut stop => {
                mail.close().await;
                return Ok(stopped?);
            }
        };
        let Err(error) = failed;
        if !may_pass(&*error) {
            return Err(error);
        }
        if since.elapsed() >= GOOD {
            delay = FIRST_DELAY;
        }
        mail = match again(account, error, &mut delay, stop.as_mut()).await? {
            Some(mail) => mail,
            None => return Ok(()),
        };
    }
}

/// Connects again, later each time. `None`: it is no longer wanted.
async fn again(
    account: &Account,
    mut error: Box<dyn Error>,
    delay: &mut Duration,
    mut stop: Pin<&mut impl Future<Output = io::Result<()>>>,
) -> Result<Option<Mail>, Box<dyn Error>> {
    loop {
        let told = text::line(&Causes(&*error).to_string());
        let _ = writeln!(io::stderr(), "mail: {told}; connecting again in {} s", delay.as_secs());
        let connected = async {
            sleep(*delay).await;
            account.open().await
        };
        let opened = tokio::select! {
            opened = connected => opened,
            stopped = &mut stop => return stopped.map(|()| None).map_err(Into::into),
        };
        *delay = (*delay * 2).min(LONGEST_DELAY);
        match opened {
            Ok(mail) => return Ok(Some(mail)),
            Err(refused) if refused.is_refusal() => return Err(refused.into()),
            Err(failed) => error = failed.into(),
        }
    }
}

/// Is this a failure of the connection? Others come again however often it is made.
fn may_pass(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<OpenError>() {
        return !error.is_refusal();
    }
    match error.downcast_ref::<imap::Error>() {
        Some(imap::Error::Connection(_) | imap::Error::Closed) => true,
        Some(imap::Error::Refused(status)) => status.kind() == StatusKind::Bye,
        _ => false,
    }
}

/// Ctrl-C, or SIGTERM.
async fn stopped() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Tells what happens, until the session ends.
async fn follow(
    mail: &mut Mail,
    mailbox: &MailboxName,
    state: &mut State,
) -> Result<Infallible, Box<dyn Error>> {
    let messages = mail.examine(mailbox).await?;
    let validity = mail.session().machine().mailbox().map_or(0, ClientView::uid_validity);
    let uids = uids(mail, messages).await?;
    let _ =
        writeln!(io::stderr(), "mail: watching {}: {messages} messages", text::line(&mailbox.to_str_lossy()));
    state.begin(validity, uids);
    loop {
        while let Some((first, last)) = state.untold(BATCH) {
            tell_new(mail, state, first, last).await?;
        }
        let trace = mail.trace();
        let mut idle = imap::idle(mail.session())?;
        while state.untold(BATCH).is_none() {
            let event = idle.next().await?;
            trace.event(&event);
            if let Event::Untagged(untagged) = &event {
                state.apply(untagged)?;
            }
        }
        for untagged in idle.done().collect().await?.accepted()?.untagged {
            trace.untagged(&untagged);
            state.apply(&untagged)?;
        }
    }
}

/// The UIDs of all messages, in their order: what is told later names numbers alone.
async fn uids(mail: &mut Mail, messages: u32) -> Result<Vec<u32>, Box<dyn Error>> {
    let mut uids = vec![0; messages as usize];
    let (Some(items), true) = (FetchItems::new([FetchItem::Uid]), messages > 0) else { return Ok(uids) };
    let fetch = Fetch { numbering: Numbering::Sequence, set: SequenceSet::ALL, items };
    mail.each(Command::Fetch(fetch), |event| {
        if let Event::Untagged(Untagged::Fetch(fetch)) = event {
            let place = (fetch.number as usize).checked_sub(1).and_then(|place| uids.get_mut(place));
            if let (Some(place), Some(uid)) = (place, state::uid(&fetch)) {
                *place = uid;
            }
        }
        Ok(())
    })
    .await?;
    Ok(uids)
}

/// Asks who sent the messages of these numbers, and tells it.
async fn tell_new(mail: &mut Mail, state: &mut State, first: u32, last: u32) -> Result<(), Box<dyn Error>> {
    let items = FetchItems::new([FetchItem::Uid, FetchItem::Flags, FetchItem::Envelope]);
    let (Some(items), Some(set)) = (items, SequenceSet::from_numbers(first..=last)) else { return Ok(()) };
    let answer = mail.run(Command::Fetch(Fetch { numbering: Numbering::Sequence, set, items })).await?;
    for untagged in &answer.untagged {
        match untagged {
            Untagged::Fetch(fetch) if fetch.number >= first && fetch.number <= last => {
                state.tell_new(fetch)?;
            }
            other => state.apply(other)?,
        }
    }
    // One that the server does not tell of is not asked for again and again.
    state.give_up_to(last);
    Ok(())
}
