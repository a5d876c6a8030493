//! A token is good for the session that made it, once, and tells it when it is dropped.
use bytes::Bytes;
use mail_wire::{FinishError, Mark, Outbox, Stale, Upload, WriteError, dot::Outgoing};

#[test]
fn an_answer_to_another_session_is_refused_and_still_answers_its_own() {
    let (one, other) = (Mark::default(), Mark::default());
    let Stale(ask) = other.answered(one.ask("MAIL FROM:<a@b>")).expect_err("it is of another session");
    assert!(!one.is_abandoned() && !other.is_abandoned(), "a refused answer is no dropped question");
    assert_eq!(one.answered(ask).expect("its own"), "MAIL FROM:<a@b>");
    assert!(!one.is_abandoned() && !other.is_abandoned());
}

#[test]
fn an_upgrade_of_another_session_is_refused_and_still_upgrades_its_own() {
    let (one, other) = (Mark::default(), Mark::default());
    let Stale(upgrade) = other.upgraded(one.upgrade()).expect_err("it is of another session");
    assert!(!one.is_abandoned() && !other.is_abandoned());
    one.upgraded(upgrade).expect("its own");
    assert!(!one.is_abandoned() && !other.is_abandoned());
}

#[test]
fn an_upload_of_another_session_writes_nothing_there_and_still_goes_on_in_its_own() {
    let (one, other) = (Mark::default(), Mark::default());
    let (mut ours, mut theirs) = (Outbox::default(), Outbox::default());
    for mut upload in [Upload::dotted(&one, Outgoing::Refuse), Upload::sized(&one, 6)] {
        assert!(upload.is_of(&one) && !upload.is_of(&other));
        let chunk = Bytes::from_static(b"text\r\n");
        let chunk = match upload.write(&other, &mut theirs, 100, chunk) {
            Err(WriteError::Stale { chunk }) => chunk,
            result => panic!("{result:?}"),
        };
        upload.write(&one, &mut ours, 100, chunk).expect("its own");
        let upload = match upload.finish(&other, &mut theirs) {
            Err(FinishError::Stale(Stale(upload))) => upload,
            result => panic!("{result:?}"),
        };
        assert_eq!(theirs.unsent(), 0);
        upload.finish(&one, &mut ours).expect("its own");
        assert!(!one.is_abandoned() && !other.is_abandoned());
    }
    assert_eq!(ours.unsent(), b"text\r\n.\r\ntext\r\n".len());
}

#[test]
fn each_kind_of_token_tells_its_own_session_when_it_is_dropped() {
    let drops: [fn(&Mark); 4] = [
        |mark| drop(mark.ask(())),
        |mark| drop(mark.upgrade()),
        |mark| drop(Upload::dotted(mark, Outgoing::Refuse)),
        |mark| drop(Upload::sized(mark, 1)),
    ];
    for drop_one in drops {
        let (one, other) = (Mark::default(), Mark::default());
        drop_one(&one);
        assert!(one.is_abandoned(), "the peer waits for ever");
        assert!(!other.is_abandoned());
    }
}

#[test]
fn a_stale_token_that_is_dropped_tells_the_session_that_made_it() {
    let (one, other) = (Mark::default(), Mark::default());
    drop(other.answered(one.ask(())));
    assert!(one.is_abandoned() && !other.is_abandoned());
}

#[test]
fn a_token_may_outlive_its_session() {
    let mark = Mark::default();
    let (ask, next) = (mark.ask(7), Mark::default());
    drop(mark);
    let Stale(ask) = next.answered(ask).expect_err("its session is gone");
    assert_eq!(*ask, 7);
    drop(ask);
    assert!(!next.is_abandoned());
}
