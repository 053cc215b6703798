"""A report as data: what stands on it and in which order, the same for every renderer.

`content` holds the values: a `Page` of `Section`s of blocks. A page is made once (from a run
by `report.study.page.study_page`, from a validation by `report.external.page`, and so on) and
drawn as often as wanted: `html.html_page` renders it for the browser, `report.word` for Word,
and `documents` writes it in every form that is asked for. Those who make a page decide its
order; a renderer shows block after block, but for Word, where methods come first and long lists
last, as in a manuscript.

To add a section to the report of a run:

1. write its paragraphs in `report.narrative` and name the function in `narrative.SECTIONS`
   under the key of the section; its heading is the word of that key in `text.catalogue`;
2. make its tables, if it has any, in `report.tables.numbering.build_tables`, at the place where
   they come on the page (numbers of tables follow the page);
3. name it in `report.study.sections.SECTIONS`, at its place, with what it shows after its
   paragraphs and when: ``Part("size", (table("size"),), lambda result: result.size is not None)``.

Every renderer then has it.
"""
