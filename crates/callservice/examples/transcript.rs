//! Writes the text of all plans natively, for the browser to compare with: `transcript FILE`.

use std::{env, fs, path::PathBuf};

#[path = "../tests/parity/transcript.rs"]
mod transcript;

fn main() -> Result<(), transcript::Problem> {
    let file = PathBuf::from(env::args_os().nth(1).ok_or("which file? transcript FILE")?);
    let mut text = String::new();
    for plan in &transcript::PLANS {
        for line in transcript::write(plan)? {
            text.push_str(&line);
            text.push('\n');
        }
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(file, text)?)
}
