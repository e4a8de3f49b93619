//! Writes what fuzzing starts from, made of the project's own files: `cargo run --example seeds -- corpus`, in this folder.

use std::fs;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "corpus".to_owned());
    for (target, name, bytes) in rubrique_fuzz::seeds()? {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
