//! A client's numbers, from what it is told, right or wrong.
use imap_proto::mailbox::{ClientView, Contradiction};
use proptest::prelude::*;

fn slots(view: &ClientView) -> Vec<Option<u32>> {
    (1..=view.messages()).map(|number| view.uid(number)).collect()
}

#[test]
fn uids_are_learned_in_any_order_and_move_up() {
    let mut view = ClientView::new();
    view.exists(5).unwrap();
    for (number, uid) in [(4, 40), (1, 10), (2, 11), (4, 40)] {
        view.fetched(number, uid).unwrap();
    }
    assert_eq!(slots(&view), [Some(10), Some(11), None, Some(40), None]);
    assert!(view.unknown().eq([(3, 3), (5, 5)]));
    assert_eq!(view.expunged(3), Ok(None));
    assert_eq!(view.expunged(1), Ok(Some(10)));
    assert_eq!(slots(&view), [Some(11), Some(40), None]);
    assert_eq!((view.number(40), view.number(10), view.number(0), view.uid(0)), (Some(2), None, None, None));
    view.exists(6).unwrap();
    assert!(view.unknown().eq([(3, 6)]));
}

// covers rfc3501 2.3.1.1 uids-ascend
// covers rfc3501 2.3.1.1 uids-do-not-change
#[test]
fn what_cannot_be_changes_nothing() {
    let mut view = ClientView::new();
    view.exists(4).unwrap();
    view.fetched(2, 20).unwrap();
    view.fetched(4, 30).unwrap();
    let before = slots(&view);
    for number in [0, 5, u32::MAX] {
        let error = Contradiction::Number { number, exists: 4 };
        assert_eq!(view.expunged(number), Err(error));
        assert_eq!(view.fetched(number, 25), Err(error));
    }
    assert_eq!(view.exists(3), Err(Contradiction::Fewer { exists: 3, before: 4 }));
    // Another UID, one out of order, one that leaves no room, none.
    for (number, uid) in [(2, 21), (1, 20), (1, 21), (3, 20), (3, 30), (3, 31), (1, 0), (4, 0)] {
        assert_eq!(view.fetched(number, uid), Err(Contradiction::Uid { number, uid }));
    }
    // 21 may be that of message 3; then 22 can be nobody's, unless 20 has gone: then it may be that of message 1.
    for (first, last, uid) in [(31, 31, 31), (21, 22, 22), (20, 40, 23), (0, 0, 0), (1, u32::MAX, 2)] {
        assert_eq!(view.vanished([(first, last)]), Err(Contradiction::Vanished { uid }), "{first}:{last}");
        assert_eq!(view.vanished([(20, 20), (31, 31)]), Err(Contradiction::Vanished { uid: 31 }));
    }
    assert_eq!(slots(&view), before);
}

#[test]
fn messages_vanish_whether_or_not_their_uid_is_known() {
    let mut view = ClientView::new();
    view.exists(6).unwrap();
    view.fetched(2, 20).unwrap();
    view.fetched(5, 50).unwrap();
    assert_eq!(view.vanished([(20, 21)]), Ok(2));
    assert_eq!(slots(&view), [None, None, Some(50), None]);
    assert_eq!(view.vanished([(51, 51), (1, 2)]), Ok(3));
    assert_eq!(slots(&view), [Some(50)]);
    assert_eq!(view.vanished([(50, 50)]), Ok(1));
    assert_eq!(view.messages(), 0);
}

// covers rfc3501 2.3.1.1 another-uidvalidity
#[test]
fn another_uid_validity_makes_all_uids_unknown() {
    let mut view = ClientView::new();
    view.exists(2).unwrap();
    view.uid_validity_is(7);
    view.fetched(1, 1).unwrap();
    view.uid_validity_is(7);
    assert_eq!(view.uid(1), Some(1));
    view.uid_validity_is(8);
    assert_eq!((view.messages(), view.uid(1), view.uid_validity()), (2, None, 8));
    view.fetched(1, 900).unwrap();
}

#[test]
fn the_largest_numbers_cost_nothing() {
    let mut view = ClientView::new();
    view.exists(u32::MAX).unwrap();
    assert_eq!(view.expunged(u32::MAX), Ok(None));
    view.exists(u32::MAX).unwrap();
    view.fetched(1000, 2000).unwrap_err();
    view.fetched(1000, 1000).unwrap();
    view.fetched(u32::MAX, u32::MAX).unwrap();
    assert!(view.unknown().eq([(1, 999), (1001, u32::MAX - 1)]));
    assert_eq!(view.vanished([(1, u32::MAX)]), Ok(u32::MAX));
    assert_eq!(view.messages(), 0);
}

/// The same, on a plain list.
#[derive(Debug, Clone, Default)]
struct Plain(Vec<Option<u32>>);

impl Plain {
    /// Could a server's mailbox be like this?
    fn is_possible(&self) -> bool {
        let mut lowest = 1_u64;
        for slot in &self.0 {
            match slot {
                Some(uid) if u64::from(*uid) < lowest => return false,
                Some(uid) => lowest = u64::from(*uid) + 1,
                None => lowest += 1,
            }
        }
        lowest <= 1 << 32
    }

    fn fetched(&mut self, number: u32, uid: u32) -> bool {
        let Some(slot) = (number as usize).checked_sub(1).filter(|at| *at < self.0.len()) else {
            return false;
        };
        let before = self.clone();
        match self.0[slot] {
            Some(known) => known == uid,
            None => {
                self.0[slot] = Some(uid);
                let possible = uid != 0 && self.is_possible();
                if !possible {
                    *self = before;
                }
                possible
            }
        }
    }

    fn vanished(&mut self, uid: u32) -> bool {
        if let Some(at) = self.0.iter().position(|slot| *slot == Some(uid)) {
            self.0.remove(at);
            return true;
        }
        let at = self.0.iter().rposition(|slot| slot.is_some_and(|known| known < uid)).map_or(0, |at| at + 1);
        let there = uid != 0 && self.0.get(at) == Some(&None);
        if there {
            self.0.remove(at);
        }
        there
    }
}

#[derive(Debug, Clone)]
enum Said {
    Exists(u32),
    Expunge(u32),
    Fetch(u32, u32),
    Vanished(Vec<(u32, u32)>),
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        (0..40_u32).prop_map(Said::Exists),
        (0..30_u32).prop_map(Said::Expunge),
        (0..30_u32, 0..60_u32).prop_map(|(number, uid)| Said::Fetch(number, uid)),
        prop::collection::vec((0..60_u32, 0..4_u32).prop_map(|(uid, more)| (uid, uid + more)), 1..3)
            .prop_map(Said::Vanished),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_server_says_the_view_is_as_a_plain_list(all in prop::collection::vec(said(), 0..60)) {
        let (mut view, mut plain) = (ClientView::new(), Plain::default());
        for said in all {
            let before = plain.clone();
            let (taken, expected) = match &said {
                Said::Exists(n) => (view.exists(*n).is_ok(), {
                    let grows = *n as usize >= plain.0.len();
                    if grows {
                        plain.0.resize(*n as usize, None);
                    }
                    grows
                }),
                Said::Expunge(number) => {
                    let at = (*number as usize).checked_sub(1).filter(|at| *at < plain.0.len());
                    let uid = at.map(|at| plain.0.remove(at));
                    prop_assert_eq!(view.expunged(*number).ok(), uid);
                    continue;
                }
                Said::Fetch(number, uid) => (view.fetched(*number, *uid).is_ok(), plain.fetched(*number, *uid)),
                Said::Vanished(ranges) => (view.vanished(ranges.clone()).is_ok(), {
                    ranges.iter().all(|(first, last)| (*first..=*last).all(|uid| plain.vanished(uid)))
                }),
            };
            prop_assert_eq!(taken, expected, "{:?} after {:?}", said, before);
            if !taken {
                plain = before;
            }
            prop_assert_eq!(slots(&view), &plain.0[..]);
            for (at, slot) in plain.0.iter().enumerate() {
                if let Some(uid) = slot {
                    prop_assert_eq!(view.number(*uid), Some(at as u32 + 1));
                }
            }
            let unknown: Vec<u32> = view.unknown().flat_map(|(first, last)| first..=last).collect();
            let holes = plain.0.iter().zip(1..).filter(|(slot, _)| slot.is_none()).map(|(_, number)| number);
            prop_assert!(unknown.into_iter().eq(holes));
        }
    }
}
