//! What waits, what goes next, what gives way.

use super::*;

fn parcel(number: usize) -> Parcel {
    let body = Bytes::from_static(b"{}");
    Parcel { body, about: "/".into(), to: None, flaw: None, message: 1, number }
}

fn sent(queue: &mut Queue, now: Instant) -> Option<usize> {
    match queue.next(now) {
        Next::Send(_, parcel) => Some(parcel.number),
        Next::Wait(_) | Next::Abandon(_) => None,
    }
}

#[test]
fn large_ones_do_not_pile_up() {
    let large = |number| Parcel { body: vec![b'x'; BYTES_MAX / 2].into(), ..parcel(number) };
    let mut queue = Queue::default();
    queue.waiting.extend([parcel(1), large(2), large(3)]);
    assert_eq!(queue.shorten().len(), 1);
    queue.waiting = [Parcel { body: vec![b'x'; BYTES_MAX + 1].into(), ..parcel(4) }].into();
    assert_eq!(queue.shorten(), []);
}

#[test]
fn asides_have_addresses_of_their_own() {
    let mut queue = Queue::default();
    let aside = Parcel { to: Some("http://127.0.0.1:7/".into()), ..parcel(1) };
    queue.waiting.extend([aside, parcel(2)]);
    let now = Instant::now();
    assert!(matches!(queue.next(now), Next::Send(to, _) if &*to == "http://127.0.0.1:7/"));
    assert!(matches!(queue.next(now), Next::Abandon(2)));
}

#[test]
fn a_queue_nobody_empties_keeps_the_newest() {
    let mut queue = Queue::default();
    queue.waiting.extend((0..=WAITING_MAX).map(parcel));
    assert_eq!(queue.shorten(), [parcel(0)]);
    assert_eq!(queue.waiting.len(), WAITING_MAX);
    assert_eq!(queue.waiting.front(), Some(&parcel(1)));
}

#[test]
fn late_ones_go_when_their_time_has_come() {
    let now = Instant::now();
    let soon = now + Duration::from_millis(10);
    let mut queue = Queue { address: Some("http://127.0.0.1:1/".into()), ..Queue::default() };
    queue.waiting.push_back(parcel(1));
    queue.late = vec![(soon + Duration::from_millis(5), parcel(3)), (soon, parcel(2))];
    queue.held = Some(parcel(4));
    assert_eq!(sent(&mut queue, now), Some(1));
    assert!(matches!(queue.next(now), Next::Wait(Some(at)) if at == soon));
    assert_eq!(sent(&mut queue, soon), Some(2));
    assert_eq!(sent(&mut queue, soon), None);
    queue.release();
    assert_eq!(sent(&mut queue, soon), Some(4));
    assert!(!queue.is_empty());
    assert_eq!(sent(&mut queue, soon + Duration::from_millis(5)), Some(3));
    assert!(queue.is_empty());
}

#[test]
fn a_queue_moves_only_for_whom_it_is() {
    let post = Post::new();
    post.readdress("http://127.0.0.1:1/");
    let old = lock(&post.queue).address.clone().unwrap();
    lock(&post.queue).waiting.push_back(parcel(1));
    assert!(post.move_to(&old, "http://127.0.0.1:2/").is_some());
    assert_eq!(post.address().as_deref(), Some("http://127.0.0.1:2/"));
    assert!(post.move_to(&old, "http://127.0.0.1:3/").is_none());
    assert!(!post.is_empty());
    post.readdress("http://127.0.0.1:4/");
    assert!(post.is_empty());
    assert_eq!(lock(&post.queue).abandoned, [1]);
}
