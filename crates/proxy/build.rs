//! Rebuilds the binary when the panel's static files change, so that it never carries old ones.

fn main() {
    // Cargo takes a watched path that is missing for one that always changes. An empty folder means
    // the same to the proxy as none, and it can be watched.
    let dist = concat!(env!("CARGO_MANIFEST_DIR"), "/../../dist");
    if let Err(error) = std::fs::create_dir_all(dist) {
        println!("cargo::warning=the folder of the panel cannot be made: {error}");
    }
    println!("cargo::rerun-if-changed={dist}");
    println!("cargo::rerun-if-changed=build.rs");
}
