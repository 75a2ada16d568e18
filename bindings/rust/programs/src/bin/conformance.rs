//! `conformance FILE [NAME...]`: plays the scenarios of the file, or those named, and prints what
//! was seen. See `docs/conformance.md`.

use std::io::{stdout, BufWriter, Write};
use std::process::exit;
use std::{env, fs, panic};

use distcache_programs::{scenario, Stop};
use serde_json::Value as Json;

fn run(file: &str, chosen: &[String]) -> Result<(), Stop> {
    let file: Json = serde_json::from_str(&fs::read_to_string(file)?)?;
    let scenarios = file["scenarios"].as_array().ok_or("scenarios are a list")?;
    let mut out = BufWriter::new(stdout());
    for description in scenarios {
        let name = description["name"].as_str().unwrap_or("?");
        if !chosen.is_empty() && !chosen.iter().any(|other| other == name) {
            continue;
        }
        scenario::play(description, &mut out).map_err(|why| format!("{name}: {why}"))?;
        out.flush()?;
    }
    Ok(())
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [file, chosen @ ..] = &arguments[..] else {
        eprintln!("usage: conformance FILE [NAME...]");
        exit(2);
    };
    // Sources panic on purpose, and nobody wants to read of it.
    panic::set_hook(Box::new(|_| {}));
    if let Err(why) = run(file, chosen) {
        eprintln!("conformance: {why}");
        exit(1);
    }
}
