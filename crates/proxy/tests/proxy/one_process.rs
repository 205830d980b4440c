//! A journal's file: one process alone has it, and its owner alone reads it.

use std::os::unix::fs::PermissionsExt as _;

use foldback_proxy::journal::sqlite::{
    Sqlite,
    file::{Hold, NotHeld},
};

use crate::kill::{Folder, Rig};

#[tokio::test]
async fn a_second_process_is_refused_until_the_first_is_gone() {
    let rig = Rig::with("").await;
    let (mut process, _operator) = rig.first().await;
    let (code, told) = rig.run("serve").await;
    assert_ne!(code, Some(0));
    for words in ["journal.sqlite.lock is locked", "end that one first", "sqlite in [journal]"] {
        assert!(told.contains(words), "{told}");
    }
    // Looked at beside it, all is well.
    let (code, told) = rig.run("check").await;
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("a Foldback runs with this journal") && told.contains(": good"),
        "{told}"
    );
    // The lock goes with the process, however it ends.
    process.kill().await;
    let (code, told) = rig.run("check").await;
    assert!(code == Some(0) && !told.contains("remark"), "{told}");
    let (mut process, _operator) = rig.again(&process).await;
    process.signal("TERM").await;
    assert!(process.ended().await.success());
    rig.again(&process).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_is_just_ending_is_waited_for() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let first = Hold::take(&path).await.unwrap();
    assert!(matches!(Hold::take(&path).await, Err(NotHeld::Taken(_))));
    // Under another name it is the same file.
    let link = folder.path("link.sqlite");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(Hold::take(&link).await, Err(NotHeld::Taken(_))));
    let second = tokio::spawn(async move { Hold::take(&path).await });
    tokio::task::yield_now().await;
    assert!(!second.is_finished());
    let journal = Sqlite::open(&link).unwrap().held(first);
    let clone = journal.clone();
    drop(journal);
    assert!(!second.is_finished(), "somebody may write yet");
    drop(clone);
    second.await.unwrap().unwrap();
    let nowhere = Hold::take(&folder.path("none/journal.sqlite")).await.unwrap_err().to_string();
    assert!(nowhere.contains("journal.sqlite.lock cannot be made"), "{nowhere}");
}

#[tokio::test]
async fn the_owner_alone_reads_what_is_made() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let mode = |name: &str| {
        let found = std::fs::metadata(folder.path(name)).unwrap();
        found.permissions().mode() & 0o777
    };
    let hold = Hold::take(&path).await.unwrap();
    let journal = Sqlite::open(&path).unwrap().held(hold);
    for name in
        ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "journal.sqlite.lock"]
    {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    drop(journal);
    let alone = folder.path("alone.sqlite");
    drop(Sqlite::open(&alone).unwrap());
    assert_eq!(mode("alone.sqlite"), 0o600);
    // What somebody decided otherwise stays so.
    std::fs::set_permissions(&alone, std::fs::Permissions::from_mode(0o640)).unwrap();
    drop(Sqlite::open(&alone).unwrap());
    assert_eq!(mode("alone.sqlite"), 0o640);
}
