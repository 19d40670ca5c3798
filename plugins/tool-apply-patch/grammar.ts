/** Lark grammar of the patches that the tool takes. It is narrower than what is read, so that a model writes the plain form. */
export const patchGrammar = String.raw`start: "*** Begin Patch" LF section+ "*** End Patch" LF?

section: new_file | removed_file | changed_file

new_file: "*** Add File: " PATH LF NEW_LINE*
removed_file: "*** Delete File: " PATH LF
changed_file: "*** Update File: " PATH LF moved? chunk+

moved: "*** Move to: " PATH LF
chunk: anchor CHUNK_LINE+ file_end?
anchor: "@@" LF | "@@ " ANCHOR_TEXT LF
file_end: "*** End of File" LF

PATH: /[^\n]+/
ANCHOR_TEXT: /[^\n]+/
NEW_LINE: /\+[^\n]*\n/
CHUNK_LINE: /[ +-][^\n]*\n/

%import common.LF
`

/** What the model is told about the tool. */
export const patchDescription = `Creates, changes, moves and deletes text files. This is the way to edit files. The input is one patch as plain text, not JSON:

*** Begin Patch
*** Add File: notes/new.txt
+every line of the new file begins with a plus sign
*** Update File: src/app.py
*** Move to: src/main.py
@@ def greet():
     name = "you"
-    print("Hi")
+    print(f"Hello {name}")
*** Delete File: old.txt
*** End Patch

Paths are relative to the working directory. "*** Move to:" is optional. Every chunk of an update begins with "@@"; a line of the file after it (a function or class header) says after which line to look. In a chunk each line begins with a space (stays), "-" (goes) or "+" (comes). Give about three unchanged lines before and after a change, exactly as the file has them, so that the place is found; "*** End of File" after a chunk ties it to the end of the file. Nothing is written unless the whole patch fits.`
