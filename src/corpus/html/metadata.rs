//! What a page says of itself: JSON-LD, Open Graph, and the older ways.

use dom_query::Document;
use serde_json::Value;

use super::super::page::read_date;
use super::{collapse, value};

#[derive(Debug, Default)]
pub(super) struct Metadata {
    /// Titles, the surest first.
    pub titles: Vec<String>,
    pub date: Option<String>,
    pub author: Option<String>,
    pub section: Option<String>,
    pub source: Option<String>,
    pub tags: Vec<String>,
    /// The article's text, where JSON-LD has it.
    pub body: Option<String>,
}

impl Metadata {
    pub(super) fn read(document: &Document) -> Self {
        let mut out = Self::default();
        for script in document.select("script[type='application/ld+json']").nodes() {
            if let Some(json) = parse(&script.text()) {
                out.read_json(&json, 0);
            }
        }
        let meta = |names: &[&str]| -> Option<String> {
            names.iter().find_map(|name| {
                let by = |attribute: &str| {
                    let found = document.select(&format!("meta[{attribute}='{name}']"));
                    found.nodes().iter().find_map(|node| value(&node.attr("content")?))
                };
                by("property").or_else(|| by("name")).or_else(|| by("itemprop"))
            })
        };
        let attribute = |selector: &str, name: &str| {
            document.select(selector).nodes().first().and_then(|node| value(&node.attr(name)?))
        };
        out.titles.extend(meta(&["og:title", "twitter:title", "dc.title", "DC.title"]));
        let browser = document.select("title").nodes().first().and_then(|node| value(&node.text()));
        out.source = out.source.or_else(|| meta(&["og:site_name", "application-name"]));
        out.titles.extend(browser);
        let site = out.source.clone();
        for title in &mut out.titles {
            *title = without_site(title, site.as_deref());
        }
        out.date = out.date.or_else(|| {
            let names = [
                "article:published_time",
                "og:article:published_time",
                "datePublished",
                "date",
                "dc.date",
                "DC.date",
                "DC.date.issued",
                "dcterms.created",
                "pubdate",
                "publish-date",
                "parsely-pub-date",
                "sailthru.date",
                "cXenseParse:recs:publishtime",
            ];
            let named = meta(&names);
            let shown = || {
                attribute("time[pubdate]", "datetime")
                    .or_else(|| attribute("[itemprop='datePublished']", "datetime"))
                    .or_else(|| attribute("[itemprop='datePublished']", "content"))
                    .or_else(|| attribute("article time[datetime]", "datetime"))
                    .or_else(|| attribute("time[datetime]", "datetime"))
            };
            named.or_else(shown).and_then(|date| read_date(&date))
        });
        let author =
            || meta(&["author", "article:author", "dc.creator", "DC.creator", "parsely-author"]);
        out.author = out.author.or_else(|| author().filter(|a| !a.starts_with("http")));
        out.section =
            out.section.or_else(|| meta(&["article:section", "section", "parsely-section"]));
        if out.tags.is_empty() {
            let nodes = document.select("meta[property='article:tag']");
            out.tags =
                nodes.nodes().iter().filter_map(|node| value(&node.attr("content")?)).collect();
        }
        if out.tags.is_empty() {
            let list = meta(&["keywords", "news_keywords"]);
            out.tags = list.iter().flat_map(|list| list.split(',')).filter_map(value).collect();
        }
        out
    }

    /// Looks for an article in a JSON-LD value, however it is nested.
    fn read_json(&mut self, json: &Value, depth: usize) {
        const DEEPEST: usize = 8;
        if depth > DEEPEST {
            return;
        }
        if let Value::Array(items) = json {
            items.iter().for_each(|item| self.read_json(item, depth + 1));
        }
        let Value::Object(object) = json else { return };
        let is_article = object.get("@type").is_some_and(|kind| {
            strings(kind).iter().any(|kind| kind.ends_with("Article") || kind.ends_with("Posting"))
        });
        if !is_article {
            for key in ["@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"] {
                if let Some(inner) = object.get(key) {
                    self.read_json(inner, depth + 1);
                }
            }
            return;
        }
        let text = |key: &str| object.get(key).and_then(Value::as_str).and_then(value);
        let name = |key: &str| object.get(key).and_then(names);
        self.titles.extend(text("headline"));
        self.date =
            self.date.take().or_else(|| text("datePublished").and_then(|date| read_date(&date)));
        self.author = self.author.take().or_else(|| name("author"));
        self.section = self
            .section
            .take()
            .or_else(|| strings(object.get("articleSection")?).first().and_then(|s| value(s)));
        self.source = self.source.take().or_else(|| name("publisher"));
        if self.tags.is_empty() {
            let list = object.get("keywords").map(strings).unwrap_or_default();
            self.tags = list.iter().flat_map(|list| list.split(',')).filter_map(value).collect();
        }
        let body = object.get("articleBody").and_then(Value::as_str);
        self.body =
            self.body.take().or_else(|| body.map(paragraphs).filter(|body| body.len() >= 250));
    }
}

/// JSON-LD is often written with bare line breaks inside of strings, or as a CDATA section.
fn parse(text: &str) -> Option<Value> {
    let text = text.trim().trim_start_matches("//<![CDATA[").trim_start_matches("<![CDATA[");
    let text =
        text.trim_end().trim_end_matches("//]]>").trim_end_matches("]]>").trim_end_matches(';');
    let parsed = serde_json::from_str(text).ok();
    parsed.or_else(|| serde_json::from_str(&text.replace(['\n', '\r', '\t'], " ")).ok())
}

/// A string, or the strings of a list.
fn strings(json: &Value) -> Vec<&str> {
    match json {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The name of a person or company, or the names of several.
fn names(json: &Value) -> Option<String> {
    match json {
        Value::String(name) => value(name).filter(|name| !name.starts_with("http")),
        Value::Object(object) => object.get("name").and_then(names),
        Value::Array(items) => {
            let all: Vec<String> = items.iter().take(6).filter_map(names).collect();
            (!all.is_empty()).then(|| all.join(", "))
        }
        _ => None,
    }
}

/// A text of the metadata, one paragraph a line; some sites leave their tags in it.
fn paragraphs(text: &str) -> String {
    let text = super::limits::stripped(&text.replace('\n', "<br>"));
    let lines = text.lines().map(collapse).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n\n")
}

/// « Un titre | La Gazette », « Un titre - Monde - La Gazette »
fn without_site(title: &str, site: Option<&str>) -> String {
    const LONGEST_SITE: usize = 40;
    let mut title = title;
    for mark in [" | ", " - ", " – ", " — ", " : "] {
        while let Some((rest, end)) = title.rsplit_once(mark) {
            let is_site = site.is_some_and(|site| end.trim().eq_ignore_ascii_case(site));
            let is_short = mark == " | " && end.len() <= LONGEST_SITE && rest.len() > end.len();
            if !is_site && !is_short {
                break;
            }
            title = rest.trim();
        }
    }
    title.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &str) -> Metadata {
        Metadata::read(&Document::from(format!("<html><head>{head}</head><body><p>a")))
    }

    #[test]
    fn json_ld_comes_first() {
        let metadata = of(
            r#"<meta property="og:title" content="Autre titre"><meta property="og:site_name" content="La Gazette">
            <script type="application/ld+json">{"@graph":[{"@type":"WebSite","name":"x"},{"@type":["NewsArticle"],
            "headline":"L&#39;accord est sign&eacute;","datePublished":"2024-03-05T10:00:00+01:00",
            "author":[{"@type":"Person","name":"Awa Diarra"},{"name":"Jean Dupuis"}],"articleSection":"Monde",
            "keywords":["Maroc","Justice"]}]}</script>"#,
        );
        assert_eq!(metadata.titles, ["L'accord est signé", "Autre titre"]);
        assert_eq!(metadata.date.as_deref(), Some("2024-03-05"));
        assert_eq!(metadata.author.as_deref(), Some("Awa Diarra, Jean Dupuis"));
        assert_eq!(metadata.section.as_deref(), Some("Monde"));
        assert_eq!(metadata.source.as_deref(), Some("La Gazette"));
        assert_eq!(metadata.tags, ["Maroc", "Justice"]);
    }

    #[test]
    fn the_older_ways_are_known() {
        let metadata = of(
            "<title>Un vol au musée - Culture - La Gazette</title><meta name=author content='Zoé Lamy'>\
             <meta name='DC.date' content='2011-02-03'><meta property='og:site_name' content='La Gazette'>\
             <script type='application/ld+json'>{ceci n'est pas du JSON</script>",
        );
        assert_eq!(metadata.titles, ["Un vol au musée - Culture"]);
        assert_eq!(metadata.date.as_deref(), Some("2011-02-03"));
        assert_eq!(metadata.author.as_deref(), Some("Zoé Lamy"));
    }
}
