"""Pages about the whole data set: home, years, search, documentation, problem types, OpenAPI document, sitemap."""
