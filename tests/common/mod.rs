//! What several test programs share: a small corpus in French, made up for the tests, and the binary.

#![allow(dead_code)] // Each test program uses its own part.

#[cfg(unix)]
pub mod interrupted;

use std::fs;
use std::path::{Path, PathBuf};

use rubrique::Article;
use rubrique::corpus::LabelSet;

/// The topics of the small corpus, each with ten sentences of its own.
pub const TOPICS: [(&str, [&str; 10]); 3] = [
    (
        "money_laundering",
        [
            "Le parquet soupçonne le gérant d'avoir blanchi l'argent du trafic par une société écran.",
            "Les virements passaient par trois comptes offshore avant de revenir dans l'immobilier.",
            "La cellule de renseignement financier avait signalé des dépôts d'espèces répétés.",
            "Le casino n'a jamais déclaré les jetons achetés en liquide par le prévenu.",
            "Les enquêteurs ont saisi des lingots et gelé des comptes bancaires.",
            "Le tribunal a retenu le blanchiment aggravé et la fraude fiscale.",
            "Une fiduciaire prêtait son nom pour masquer le bénéficiaire effectif des sociétés.",
            "Des factures fictives justifiaient les transferts d'argent vers l'étranger.",
            "La banque paiera une amende pour défaut de vigilance sur l'origine des fonds.",
            "Les cryptomonnaies du réseau étaient converties puis réinvesties dans des villas.",
        ],
    ),
    (
        "diplomacy",
        [
            "Les deux ministres des Affaires étrangères ont signé un traité de coopération.",
            "L'ambassadeur a été rappelé en consultation après la rupture des pourparlers.",
            "Le sommet s'est achevé par une déclaration commune des chefs d'État.",
            "La médiation de l'émissaire onusien relance les négociations de paix.",
            "Les chancelleries préparent une visite officielle du président au printemps.",
            "Le consulat rouvrira dès que les relations bilatérales seront rétablies.",
            "La délégation a remis ses lettres de créance au palais.",
            "Les capitales voisines plaident pour un dialogue sans condition préalable.",
            "Un protocole d'accord sur la frontière maritime sera soumis aux parlements.",
            "Le porte-parole de la diplomatie a salué le geste de son homologue.",
        ],
    ),
    (
        "terrorism",
        [
            "L'attentat à l'explosif a été revendiqué par un groupe djihadiste.",
            "Trois suspects ont été mis en examen pour association de malfaiteurs terroriste.",
            "La cellule préparait une attaque contre un marché, selon le parquet antiterroriste.",
            "Les démineurs ont neutralisé la ceinture d'explosifs abandonnée près de la gare.",
            "Le kamikaze avait prêté allégeance à l'organisation dans une vidéo.",
            "Une vague de perquisitions a visé des sympathisants radicalisés.",
            "Les victimes de la fusillade ont été évacuées par les secours.",
            "Le niveau d'alerte antiterroriste reste au maximum dans la capitale.",
            "Les assaillants ont ouvert le feu à l'arme automatique sur la terrasse.",
            "La cour d'assises juge les complices présumés des attaques.",
        ],
    ),
];

/// Sentences about none of the topics.
pub const OTHER: [&str; 10] = [
    "Le club a remporté le match grâce à un but dans les dernières minutes.",
    "La récolte des pommes s'annonce abondante dans la vallée.",
    "Le conseil municipal a voté la réfection de la piscine.",
    "Un orage de grêle a endommagé les toitures du village.",
    "La chorale donnera son concert de printemps à l'église.",
    "Les boulangers défendent la baguette de tradition au salon.",
    "Le musée expose des aquarelles prêtées par des collectionneurs.",
    "La nouvelle ligne de tramway desservira l'hôpital.",
    "Les élèves ont planté des haies autour de la cour de récréation.",
    "Le marathon partira du port et longera la plage.",
];

/// Numbers that are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    /// A number from 0 to `below`, which it is not.
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }
}

/// One article of the small corpus.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: String,
    pub title: String,
    pub text: String,
    pub labels: String,
}

/// `each` articles of every topic, of none, and of two topics together where `several` says so. No two
/// are alike for `each` up to 60.
pub fn rows(each: usize, several: bool) -> Vec<Row> {
    let mut out = Vec::new();
    let mut push = |labels: String, sentences: [&str; 3], i: usize| {
        let id = format!("t{:03}", out.len() + 1);
        let title =
            format!("{} ({i})", sentences[0].split(' ').take(5).collect::<Vec<_>>().join(" "));
        let text = sentences.join(" ");
        out.push(Row { id, title, text, labels });
    };
    let pick = |list: &[&'static str; 10], i: usize| {
        let step = 1 + i / 10;
        [list[i % 10], list[(i + step) % 10], list[(i + 3 * step + 1) % 10]]
    };
    for i in 0..each {
        for (name, sentences) in &TOPICS {
            push((*name).to_owned(), pick(sentences, i), i);
        }
        if several {
            let (a, b) = (&TOPICS[i % 3], &TOPICS[(i + 1) % 3]);
            push(format!("{};{}", a.0, b.0), [a.1[i % 10], b.1[i % 10], b.1[(i + 3) % 10]], i);
            push(String::new(), pick(&OTHER, i), i);
        }
    }
    out
}

/// The rows as CSV.
pub fn csv(rows: &[Row]) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["id", "title", "text", "labels"]).unwrap();
    for row in rows {
        out.write_record([&row.id, &row.title, &row.text, &row.labels]).unwrap();
    }
    String::from_utf8(out.into_inner().unwrap()).unwrap()
}

/// Records of a CSV text, the header first.
pub fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The column `name` of [`records`].
pub fn column(records: &[Vec<String>], name: &str) -> Vec<String> {
    let at = records[0].iter().position(|c| c == name);
    let at = at.unwrap_or_else(|| panic!("no column {name} in {:?}", records[0]));
    records[1..].iter().map(|r| r[at].clone()).collect()
}

/// The reference material beside the project. Without it, tests that need it say so and pass, unless
/// `RUBRIQUE_REQUIRE_SHARED=1` says that it must be there.
pub fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if folder.join("data").is_dir() {
        return Some(folder);
    }
    let required = std::env::var("RUBRIQUE_REQUIRE_SHARED").is_ok_and(|v| v == "1");
    assert!(!required, "{} is missing and RUBRIQUE_REQUIRE_SHARED=1", folder.display());
    eprintln!("skipped: {} is missing", folder.display());
    None
}

/// Writes a file into a folder and returns its path.
pub fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path
}

/// The rows as the library takes them.
pub fn articles(rows: &[Row]) -> Vec<Article> {
    rows.iter()
        .map(|row| Article {
            id: row.id.clone(),
            labels: Some(LabelSet::parse(&row.labels)),
            ..Article::new(&row.title, &row.text)
        })
        .collect()
}
