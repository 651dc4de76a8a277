use super::*;
use crate::{directory, organization, throttle};

async fn store() -> (Store, std::path::PathBuf) {
    let path = std::env::temp_dir().join(format!("countersign-store-{}.db", crate::secret::id()));
    let store = Store::open(&format!("sqlite://{}", path.display())).await.unwrap();
    store.migrate().await.unwrap();
    (store, path)
}

fn acme(id: &str) -> organization::Organization {
    organization::Organization {
        id: id.into(),
        name: "Acme".into(),
        validator: organization::INVENTORY.into(),
        created_at: 1,
    }
}

#[tokio::test]
async fn a_failed_write_leaves_nothing_and_its_neighbours_stand() {
    let (store, _path) = store().await;
    let writes = (0..40).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .write(move |tx| {
                    Box::pin(async move {
                        organization::insert(tx, acme(&format!("org{n}"))).await?;
                        if n % 2 == 0 { Err(Error::Database("no".into())) } else { Ok(n) }
                    })
                })
                .await
        })
    });
    for (n, write) in writes.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(write.await.unwrap().is_ok(), n % 2 == 1);
    }
    assert_eq!(organization::all(store.read()).await.unwrap().len(), 20);
    assert!(store.count().commits() <= 41, "neighbours share commits: {}", store.count().commits());
}

#[tokio::test]
async fn a_unique_row_twice_is_a_conflict() {
    let (store, _path) = store().await;
    let write = || store.write(|tx| Box::pin(async move { organization::insert(tx, acme("acme")).await }));
    write().await.unwrap();
    assert!(matches!(write().await, Err(Error::Conflict(_))));
}

#[tokio::test]
async fn a_bucket_lets_a_burst_through_and_then_one_an_interval() {
    let (store, _path) = store().await;
    let rate = throttle::Rate { interval_millis: 1_000, burst: 3 };
    let count = async |now: i64| throttle::count(store.read(), 7, rate, now).await.unwrap();
    assert!(count(10_000).await && count(10_000).await && count(10_000).await);
    assert!(!count(10_000).await);
    assert!(count(11_000).await);
    assert!(!count(11_500).await);
    throttle::forgive(store.read(), 7).await.unwrap();
    assert!(count(11_500).await);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let (store, _path) = store().await;
    store
        .read()
        .execute_unprepared("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m2999_later', 0)")
        .await
        .unwrap();
    assert!(matches!(store.migrate().await, Err(Error::NewerSchema(name)) if name == "m2999_later"));
    assert!(matches!(store.check_schema().await, Err(Error::NewerSchema(_))));
}

#[tokio::test]
async fn the_revision_rises_with_each_change() {
    let (store, _path) = store().await;
    let before = directory::revision(store.read()).await.unwrap();
    store.write(|tx| Box::pin(async move { directory::bump(tx).await })).await.unwrap();
    assert_eq!(directory::revision(store.read()).await.unwrap(), before + 1);
}
