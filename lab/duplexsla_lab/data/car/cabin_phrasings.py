"""How people ask for the cabin's settings: intent templates, `|`-separated.

{it} is the setting with its article ("the heater", "all windows"), {bare} the same without "the". Shapes with
{name} name the property ("the height of the seat") and so fit settings of which two could be meant.
"""

OPEN_SWITCH = (
    "turn on {it}|switch on {it}|turn {it} on|switch {it} on|put {it} on|put on {it}|get {it} on|"
    "i need {it} on|i want {it} on|i would like {it} on|we need {it} on|we want {it} on|activate {it}|"
    "enable {it}|start {it}|start up {it}|get {it} going|get {it} running|let {it} run|run {it}|"
    "the {bare} on|the {bare} should be on|i want to use {it}|i would like to have {it} on|"
    "make sure {it} is on|have {it} on|bring {it} on|we should turn {it} on"
)
CLOSE_SWITCH = (
    "turn off {it}|switch off {it}|turn {it} off|switch {it} off|shut off {it}|shut {it} off|put {it} off|"
    "i do not need {it} any more|i do not want {it} any more|we do not need {it} any more|deactivate {it}|"
    "disable {it}|stop {it}|i want {it} off|i would like {it} off|we need {it} off|i need {it} off|"
    "the {bare} off|the {bare} should be off|we are done with {it}|make sure {it} is off|get {it} off|"
    "have {it} off|i would like to have {it} off|shut down {it}|end {it}|we should turn {it} off"
)
OPEN_COVER = (
    "open {it}|open up {it}|open {it} up|i want {it} open|i would like {it} open|we need {it} open|"
    "i need {it} open|we want {it} open|get {it} open|the {bare} open|the {bare} should be open|"
    "make sure {it} is open|i want to open {it}|i would like to open {it}|have {it} open|let {it} open|"
    "open {it} again|open {it} all the way|we should open {it}"
)
CLOSE_COVER = (
    "close {it}|shut {it}|close up {it}|close {it} up|i want {it} closed|i would like {it} closed|"
    "we need {it} closed|i need {it} closed|we want {it} closed|i want {it} shut|get {it} closed|"
    "the {bare} closed|the {bare} should be closed|make sure {it} is closed|i want to close {it}|"
    "i would like to close {it}|have {it} closed|let {it} close|close {it} again|close {it} all the way|"
    "i do not want {it} open any more|we should close {it}"
)
UNLOCK = (
    "unlock {it}|i want {it} unlocked|i need {it} unlocked|get {it} unlocked|we need {it} unlocked|"
    "open the lock of {it}|make sure {it} is unlocked|unlock {it} again|the {bare} should be unlocked"
)
LOCK = (
    "lock {it}|i want {it} locked|i need {it} locked|get {it} locked|we need {it} locked|lock up {it}|"
    "make sure {it} is locked|lock {it} again|the {bare} should be locked"
)
SET = (
    "set {it} to {value}|put {it} at {value}|put {it} on {value}|change {it} to {value}|"
    "bring {it} to {value}|make {it} {value}|get {it} to {value}|turn {it} to {value}|move {it} to {value}|"
    "i want {it} at {value}|"
    "i would like {it} at {value}|we need {it} at {value}|i need {it} at {value}|have {it} at {value}|"
    "the {bare} at {value}|the {bare} to {value}|i want {it} set to {value}|the {bare} should be at {value}"
)
SET_NAMED = (
    "set the {name} of {it} to {value}|change the {name} of {it} to {value}|"
    "put the {name} of {it} at {value}|bring the {name} of {it} to {value}|"
    "i want the {name} of {it} at {value}|i would like the {name} of {it} at {value}|"
    "we need the {name} of {it} at {value}|the {name} of {it} should be {value}|"
    "the {name} of {it} to {value}|make the {name} of {it} {value}|i need the {name} of {it} at {value}"
)
SET_WORD = (
    "set {it} to {value}|change {it} to {value}|switch {it} to {value}|turn {it} to {value}|"
    "put {it} in {value}|make {it} {value}|i want {it} in {value}|i would like {it} in {value}|"
    "we want {it} in {value}|the {bare} in {value}|use {value} for {it}|choose {value} for {it}|"
    "i like {it} better in {value}|get {it} in {value}"
)
UP = (
    "make {it} {more}|turn up the {name} of {it}|turn the {name} of {it} up|raise the {name} of {it}|"
    "increase the {name} of {it}|bring up the {name} of {it}|put up the {name} of {it}|"
    "i want {it} {more}|i would like {it} {more}|we need {it} {more}|i need {it} {more}|get {it} {more}|"
    "set {it} {more}|make {it} a bit {more}|make {it} a little {more}|i want {it} a bit {more}|"
    "i would like {it} a little {more}|the {bare} should be {more}|the {bare} a bit {more}"
)
DOWN = (
    "make {it} {more}|turn down the {name} of {it}|turn the {name} of {it} down|lower the {name} of {it}|"
    "decrease the {name} of {it}|reduce the {name} of {it}|bring down the {name} of {it}|"
    "i want {it} {more}|i would like {it} {more}|we need {it} {more}|i need {it} {more}|get {it} {more}|"
    "set {it} {more}|make {it} a bit {more}|make {it} a little {more}|i want {it} a bit {more}|"
    "i would like {it} a little {more}|the {bare} should be {more}|the {bare} a bit {more}"
)
_BY = (
    "make {it} {value} {more}|i want {it} {value} {more}|i would like {it} {value} {more}|"
    "set {it} {value} {more}|we need {it} {value} {more}|get {it} {value} {more}|"
    "the {bare} should be {value} {more}|the {bare} {value} {more}|"
)
UP_BY_NAMED = _BY + (
    "increase the {name} of {it} by {value}|raise the {name} of {it} by {value}|"
    "turn up the {name} of {it} by {value}|turn the {name} of {it} up by {value}|"
    "bring up the {name} of {it} by {value}|put up the {name} of {it} by {value}"
)
DOWN_BY_NAMED = _BY + (
    "decrease the {name} of {it} by {value}|lower the {name} of {it} by {value}|"
    "turn down the {name} of {it} by {value}|turn the {name} of {it} down by {value}|"
    "reduce the {name} of {it} by {value}|bring down the {name} of {it} by {value}"
)
UP_BY = "raise {it} by {value}|turn up {it} by {value}|turn {it} up by {value}|increase {it} by {value}"
DOWN_BY = "lower {it} by {value}|turn down {it} by {value}|turn {it} down by {value}|reduce {it} by {value}"
ASK = (
    "what is the {name} of {it}|tell me the {name} of {it}|check the {name} of {it}|"
    "how is the {name} of {it} set|what {name} does {it} have|what {name} is {it} at|"
    "what {name} is {it} set to|what is the {name} of {it} now|show me the {name} of {it}|"
    "give me the {name} of {it}|find out the {name} of {it}|look up the {name} of {it}|"
    "i want to know the {name} of {it}|i would like to know the {name} of {it}|"
    "what did we set the {name} of {it} to|which {name} does {it} have"
)
ASK_SWITCH = (
    "is {it} on|is {it} still on|is {it} on now|is {it} off|is {it} running|did i turn off {it}|"
    "did i turn on {it}|did i leave {it} on|did we switch off {it}|check if {it} is on|"
    "check if {it} is off|check if {it} is running|tell me if {it} is on|see if {it} is on|"
    "find out if {it} is on|have i turned {it} on|i want to know if {it} is on"
)
ASK_COVER = (
    "is {it} open|is {it} closed|is {it} still open|is {it} shut|did i close {it}|did i open {it}|"
    "did we close {it}|did i leave {it} open|check if {it} is closed|check if {it} is open|"
    "tell me if {it} is open|see if {it} is closed|find out if {it} is open|"
    "i want to know if {it} is closed|are you sure {it} is closed"
)
SAVE = (
    "save my settings|remember these settings|save the car settings|keep these settings for me|"
    "save everything as it is now|i want to keep these settings|store the settings of the car|"
    "i would like to save my settings|remember how everything is set"
)
SAVE_AS = (
    "save these settings as {it}|save the settings under {it}|remember this as the {it} profile|"
    "save the {it} profile|store the settings as {it}|keep this for the {it} profile|"
    "keep these settings as the {it} profile|store this under {it}|put these settings in the {it} profile|"
    "i want this as the {it} profile|i would like to save this as {it}|make this the {it} profile|"
    "create a profile for {it}|use these settings for the {it} profile|"
    "we want to keep this as the {it} profile|the {it} profile should be like this"
)
PET_MODE = (
    "turn {it} pet mode|switch {it} pet mode|turn the pet mode {it}|switch the pet mode {it}|"
    "put pet mode {it}|set pet mode to {it}|i want pet mode {it}|i need pet mode {it}|"
    "we need pet mode {it}|i would like pet mode {it}|the pet mode {it}|turn pet mode {it} for the dog|"
    "make sure pet mode is {it}|my dog needs pet mode {it}|the cat needs pet mode {it}"
)
PET_VALUE = (
    "set the pet {name} to {it}|keep the {name} for my dog at {it}|set the {name} for the pet to {it}|"
    "i want the {name} for the cat at {it}|put the {name} for the dog at {it}|"
    "the {name} for the dog should be {it}|change the pet {name} to {it}|my dog needs a {name} of {it}|"
    "my cat likes a {name} of {it}|i would like the pet {name} at {it}|"
    "we need the {name} for the cat at {it}|make the {name} for the pet {it}|"
    "bring the pet {name} to {it}|keep it at {it} {name} for the dog"
)
ALARM_SWITCH = (
    "turn {it} the car alarm|switch {it} the car alarm|turn the car alarm {it}|switch the car alarm {it}|"
    "the car alarm {it}|i want the car alarm {it}|i need the car alarm {it}|put the car alarm {it}|"
    "we need the car alarm {it}|i would like the car alarm {it}|make sure the car alarm is {it}|"
    "the car alarm should be {it}|have the car alarm {it}"
)
ALARM_TIME = (
    "set the car alarm for {it}|set the car alarm to {it}|turn on the car alarm at {it}|"
    "i need the car alarm at {it}|start the car alarm at {it}|the car alarm at {it}|"
    "i want the car alarm at {it}|i would like the car alarm at {it}|switch on the car alarm at {it}|"
    "put the car alarm on at {it}|we need the car alarm at {it}|the car alarm should go on at {it}|"
    "activate the car alarm at {it}|have the car alarm on at {it}"
)
