//! One node, one keyspace, one source: the first get loads, the second one hits.
use distcache::{Answer, Engine, Failure, Fetch, Keyspace, Origin};

/// The data source stands for a query to a database.
fn fetch_greeting(fetch: &Fetch) -> Result<Answer, Failure> {
    let name = std::str::from_utf8(fetch.key())?;
    Ok(Answer::value(format!("Hello, {name}!")))
}

fn greet(greetings: &Keyspace, name: &str) -> Result<(), distcache::Error> {
    match greetings.get(name)? {
        Some(value) if value.origin() == Origin::Source => {
            println!("{} (from the source)", String::from_utf8_lossy(&value));
        }
        Some(value) => println!("{} (from memory)", String::from_utf8_lossy(&value)),
        None => println!("nobody of that name"),
    }
    Ok(())
}

fn main() -> Result<(), distcache::Error> {
    let engine = Engine::builder().bind_port(0).discovery_port(0).open()?; // any free ports
    let greetings = engine.add(
        Keyspace::builder("greetings")
            .bytes_max(1 << 20)
            .source(fetch_greeting),
    )?;

    greet(&greetings, "world")?;
    greet(&greetings, "world")?;
    let stats = greetings.stats()?;
    println!("{} gets, {} load", stats.gets, stats.loads);

    engine.close()
}
