//! What waits, what goes next, what gives way.

use super::*;

fn parcel(number: usize) -> Parcel {
    weighing(number, 2)
}

fn weighing(number: usize, bytes: usize) -> Parcel {
    let part = Burden::default().part(bytes);
    let body = vec![b'x'; bytes].into();
    Parcel { body, part, about: "/".into(), to: None, flaw: None, message: 1, number }
}

fn numbers<'a>(parcels: impl IntoIterator<Item = &'a Parcel>) -> Vec<usize> {
    parcels.into_iter().map(|parcel| parcel.number).collect()
}

fn sent(queue: &mut Queue, now: Instant) -> Option<usize> {
    match queue.next(now) {
        Next::Send(_, parcel) => Some(parcel.number),
        Next::Wait(_) | Next::Abandon(_) => None,
    }
}

#[test]
fn large_ones_do_not_pile_up() {
    let large = |number| weighing(number, BYTES_MAX / 2);
    let mut queue = Queue::default();
    queue.waiting.extend([parcel(1), large(2), large(3)]);
    assert_eq!(queue.shorten(0).len(), 1);
    queue.waiting = [weighing(4, BYTES_MAX + 1)].into();
    assert_eq!(numbers(&queue.shorten(0)), [0; 0]);
}

#[test]
fn many_queues_give_way_together_and_small_ones_do_not() {
    let mut queue = Queue::default();
    queue.waiting.extend([weighing(1, SHARE), weighing(2, SHARE / 2), weighing(3, 2)]);
    assert_eq!(numbers(&queue.shorten(ALL_BYTES_MAX)), [0; 0]);
    assert_eq!(numbers(&queue.shorten(ALL_BYTES_MAX + 1)), [1]);
    assert_eq!(numbers(&queue.shorten(ALL_BYTES_MAX * 2)), [0; 0]);
    queue.waiting = [weighing(4, SHARE * 2)].into();
    assert_eq!(numbers(&queue.shorten(ALL_BYTES_MAX * 2)), [0; 0]);
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
    assert_eq!(numbers(&queue.shorten(0)), [0]);
    assert_eq!(queue.waiting.len(), WAITING_MAX);
    assert_eq!(queue.waiting.front().map(|parcel| parcel.number), Some(1));
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
