//! Planted dependencies, each wrong in one way.

use serde_json::json;

use super::*;

/// A package as the lock file has it.
fn locked(name: &str, version: &str, more: &str) -> String {
    format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{more}\n")
}

/// One as it should be.
fn good(name: &str, version: &str) -> String {
    let sum = "0".repeat(64);
    locked(name, version, &format!("source = \"{CRATES_IO}\"\nchecksum = \"{sum}\""))
}

fn found(lock: &str) -> Vec<String> {
    crates(lock, &BTreeSet::from(["ours"]))
}

#[test]
fn packages_come_from_crates_io_and_stay_what_they_are() {
    let fine = [locked("ours", "0.1.0", ""), good("ring", "0.17.1"), good("syn", "2.0.1")].concat();
    assert_eq!(found(&fine), [""; 0]);
    for (package, words) in [
        (locked("a", "1.0.0", &format!("source = \"{CRATES_IO}\"")), "a 1.0.0 has no checksum"),
        (
            locked("a", "1.0.0", &format!("source = \"{CRATES_IO}\"\nchecksum = \"\"")),
            "a 1.0.0 has no checksum",
        ),
        (locked("a", "1.0.0", ""), "a 1.0.0 comes from a folder outside"),
        (
            locked("a", "1.0.0", "source = \"git+https://code.example/a?rev=1#1\""),
            "a 1.0.0 comes from git+https://code.example/a",
        ),
        (
            locked(
                "ours",
                "0.1.0",
                "source = \"registry+https://registry.example/index\"\nchecksum = \"0\"",
            ),
            "ours 0.1.0 comes from registry+https://registry.example",
        ),
        (
            locked("a", "1.0.0", &format!("source = \"{CRATES_IO}.example\"\nchecksum = \"0\"")),
            "a 1.0.0 comes from ",
        ),
    ] {
        let findings = found(&format!("{fine}{package}"));
        assert!(findings.len() == 1 && findings[0].contains(words), "{package}: {findings:?}");
    }
    assert_eq!(found("version = 4\n"), ["Cargo.lock names no package"]);
    assert!(found("[[package").concat().contains("cannot be read"));
}

#[test]
fn what_is_to_be_alone_is() {
    let twice = [good("hyper", "0.14.1"), good("hyper", "1.12.0"), good("syn", "2.0.1")].concat();
    let both = [good("ring", "0.17.1"), good("aws-lc-rs", "1.0.0"), good("syn", "3.0.1")].concat();
    assert_eq!(
        found(&twice),
        ["hyper 0.14.1 and hyper 1.12.0 stand beside each other; one is enough"]
    );
    assert_eq!(
        found(&both),
        ["aws-lc-rs 1.0.0 and ring 0.17.1 stand beside each other; one is enough"]
    );
    assert_eq!(found(&[good("syn", "2.0.1"), good("syn", "3.0.1")].concat()), [""; 0]);
}

#[test]
fn licenses_are_on_the_list() {
    let told = |license: Value| {
        let package = json!({"name": "a", "version": "1.0.0", "license": license});
        licenses(&json!({"packages": [package]}))
    };
    for good in [
        "MIT",
        "MIT OR Apache-2.0",
        "MIT/Apache-2.0",
        "Apache-2.0 / MIT",
        "GPL-3.0-only OR MIT",
        "Apache-2.0 AND ISC",
        "(MIT OR GPL-2.0-only) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR MIT",
    ] {
        assert_eq!(told(good.into()), [""; 0], "{good}");
    }
    for (bad, words) in [
        (json!("GPL-3.0-only"), "under GPL-3.0-only, which is not"),
        (json!("MIT AND AGPL-3.0-only"), "AGPL"),
        (json!("LGPL-2.1-or-later"), "LGPL"),
        (json!("GPL-2.0-only WITH Classpath-exception-2.0"), "Classpath"),
        (json!("LicenseRef-mine"), "LicenseRef"),
        (json!("MIT OR"), "no license"),
        (json!("as you like"), "no license"),
        (json!(""), "no license"),
        (Value::Null, "no license"),
    ] {
        let findings = told(bad.clone());
        assert!(findings.len() == 1 && findings[0].contains(words), "{bad}: {findings:?}");
        assert!(findings[0].starts_with("a 1.0.0 is under "), "{findings:?}");
    }
    assert_eq!(licenses(&json!({})), ["Cargo tells of no package"]);
}

#[test]
fn npm_packages_have_checksums_and_no_place_of_their_own() {
    let lock = |package: Value| {
        let packages = json!({"": {"name": "ours"}, "node_modules/a": package});
        npm(&json!({"lockfileVersion": 3, "packages": packages}).to_string())
    };
    assert_eq!(lock(json!({"version": "1.0.0", "integrity": "sha512-x"})), [""; 0]);
    for (package, words) in [
        (json!({"version": "1.0.0"}), "a has no checksum"),
        (json!({"version": "1.0.0", "integrity": "sha1-x"}), "a has no checksum"),
    ] {
        let findings = lock(package.clone());
        assert!(findings.len() == 1 && findings[0].contains(words), "{package}: {findings:?}");
    }
    for place in ["git+ssh://code.example/a", "https://code.example/a", "../a"] {
        let findings = lock(json!({"integrity": "sha512-x", "resolved": place}));
        assert_eq!(findings, [format!("node_modules/a comes from {place:?}")]);
    }
    assert_eq!(npm("{}"), ["it names no packages"]);
    assert!(npm("{").concat().contains("cannot be read"));
}

#[test]
fn python_packages_have_checksums_and_no_place_of_their_own() {
    let sum = format!("--hash=sha256:{}", "0a".repeat(32));
    let good = format!("# About.\n\na-b.c==1.0b2 \\\n    {sum} \\\n    {sum}\nd==2!1.0+x {sum}\n");
    assert_eq!(python(&good), [""; 0]);
    for (line, words) in [
        ("a==1.0".to_owned(), "a==1.0 has no checksum"),
        (format!("a==1.0 {sum}0"), "which is no checksum"),
        (format!("a==1.0 {}", sum.replace("0a", "0x")), "which is no checksum"),
        (format!("a==1.0 --hash=md5:{}", "0".repeat(64)), "which is no checksum"),
        (format!("a>=1.0 {sum}"), "no package in one exact version"),
        (format!("a==1.* {sum}"), "no package in one exact version"),
        (format!("a {sum}"), "no package in one exact version"),
        (format!("a @ https://code.example/a.whl {sum}"), "no package in one exact version"),
        ("--extra-index-url https://code.example".to_owned(), "no package in one exact version"),
        (format!("a==1.0 {sum} --global-option=x"), "which is no checksum"),
    ] {
        let findings = python(&line);
        assert!(findings.len() == 1 && findings[0].contains(words), "{line}: {findings:?}");
    }
    assert_eq!(python("# nothing"), ["it names no packages"]);
}

#[test]
fn every_lock_file_is_looked_at() {
    let file = |path: &str, text: String| File { path: path.to_owned(), text };
    let metadata = json!({
        "workspace_members": ["path+ours"],
        "packages": [
            {"id": "path+ours", "name": "ours", "version": "0.1.0", "license": "MIT"},
            {"id": "path+other", "name": "other", "version": "0.1.0", "license": "MIT"},
        ],
    });
    let bad = json!({"packages": {"node_modules/a": {}}}).to_string();
    let files = [
        file(LOCK, [locked("ours", "0.1.0", ""), locked("other", "0.1.0", "")].concat()),
        file("tests/x/package-lock.json", bad.clone()),
        file("bench/y/package-lock.json", bad),
        file("tests/z/requirements.txt", "a==1.0".to_owned()),
    ];
    let expected = [
        "  other 0.1.0 comes from a folder outside the workspace",
        "  tests/x/package-lock.json: node_modules/a has no checksum",
        "  bench/y/package-lock.json: node_modules/a has no checksum",
        "  tests/z/requirements.txt: a==1.0 has no checksum",
    ];
    assert_eq!(check(&files, &metadata), expected);
    assert_eq!(check(&[], &metadata), ["  Cargo.lock is missing"]);
}
