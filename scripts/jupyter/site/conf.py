"""Sphinx's settings for the site of the tutorials. It opens from a folder, without a server or a network."""

project = html_title = "seemore, in Go"
extensions = ["myst_nb"]
nb_execution_mode = "off"
nb_merge_streams = True
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["figures.css", "site.css"]
html_js_files = ["plotly.min.js", ("figures.js", {"defer": "defer"})]
# Summaries of search results would be fetched, which a browser refuses for a page that is a file.
html_show_search_summary = False
html_copy_source = html_show_sphinx = html_show_copyright = False
