"""Words that the letter-to-sound rules would say wrong; `1` marks the stressed vowel."""

LEXICON = """
a AX | about AX B AW1 T | after AE1 F T ER | again AX G EH1 N | all AO1 L | also AO1 L S OW
always AO1 L W EY Z | am AE1 M | an AX N | and AX N D | another AX N AH1 DH ER | answer AE1 N S ER
any EH1 N IY | are AA1 R | ask AE1 S K | at AE1 T | audio AO1 D IY OW | away AX W EY1
back B AE1 K | be B IY1 | beautiful Y UW1 T AX F AX L | because B IH K AO1 Z | been B IH1 N
before B IH F AO1 R | began B IH G AE1 N | begin B IH G IH1 N | bell B EH1 L
benchmark B EH1 N CH M AA R K | bird B ER1 D | both B OW1 TH | bread B R EH1 D | bright B R AY1 T
bring B R IH1 NG | but B AH1 T | buy B AY1 | by B AY1 | call K AO1 L | came K EY1 M | can K AE1 N
change CH EY1 N JH | child CH AY1 L D | children CH IH1 L D R AX N | city S IH1 T IY
clear K L IH1 R | close K L OW1 Z | cloud K L AW1 D | cold K OW1 L D | colour K AH1 L ER
come K AH1 M | could K UH1 D | day D EY1 | demonstrate D EH1 M AX N S T R EY T | did D IH1 D
do D UW1 | does D AH1 Z | done D AH1 N | door D AO1 R | down D AW1 N | each IY1 CH
early ER1 L IY | eight EY1 T | eleven IH L EH1 V AX N | end EH1 N D | engine EH1 N JH AX N
enough IH N AH1 F | even IY1 V AX N | evening IY1 V N IH NG | every EH1 V R IY | eye AY1
fast F AE1 S T | father F AA1 DH ER | find F AY1 N D | fire F AY1 ER | first F ER1 S T
five F AY1 V | for F AO1 R | formant F AO1 R M AX N T | found F AW1 N D | four F AO1 R
friend F R EH1 N D | from F R AH1 M | garden G AA1 R D AX N | get G EH1 T | give G IH1 V
go G OW1 | gone G AO1 N | good G UH1 D | great G R EY1 T | had HH AE1 D | half HH AE1 F
hand HH AE1 N D | has HH AE1 Z | have HH AE1 V | he HH IY1 | head HH EH1 D | hear HH IH1 R
heard HH ER1 D | heart HH AA1 R T | hello HH AX L OW1 | help HH EH1 L P | her HH ER1
here HH IH1 R | high HH AY1 | him HH IH1 M | his HH IH1 Z | home HH OW1 M | hour AW1 ER
house HH AW1 S | how HH AW1 | hundred HH AH1 N D R AX D | i AY1 | idea AY D IY1 AX | if IH1 F
in IH1 N | into IH1 N T UW | is IH1 Z | it IH1 T | just JH AH1 S T | keep K IY1 P | kind K AY1 N D
know N OW1 | language L AE1 NG G W AX JH | large L AA1 R JH | last L AE1 S T | late L EY1 T
learn L ER1 N | leave L IY1 V | letter L EH1 T ER | light L AY1 T | like L AY1 K | line L AY1 N
listen L IH1 S AX N | little L IH1 T AX L | live L IH1 V | long L AO1 NG | look L UH1 K
love L AH1 V | made M EY1 D | make M EY1 K | many M EH1 N IY | may M EY1 | me M IY1
measure M EH1 ZH ER | minute M IH1 N AX T | model M AA1 D AX L | money M AH1 N IY | moon M UW1 N
more M AO1 R | morning M AO1 R N IH NG | most M OW1 S T | mother M AH1 DH ER
mountain M AW1 N T AX N | move M UW1 V | much M AH1 CH | music M Y UW1 Z IH K | must M AH1 S T
my M AY1 | name N EY1 M | near N IH1 R | never N EH1 V ER | new N UW1 | night N AY1 T
nine N AY1 N | no N OW1 | north N AO1 R TH | nothing N AH1 TH IH NG | now N AW1
number N AH1 M B ER | of AH1 V | often AO1 F AX N | old OW1 L D | on AA1 N | once W AH1 N S
one W AH1 N | only OW1 N L IY | open OW1 P AX N | or AO1 R | other AH1 DH ER | our AW1 ER
out AW1 T | over OW1 V ER | own OW1 N | paper P EY1 P ER | patch P AE1 CH | people P IY1 P AX L
percent P ER S EH1 N T | place P L EY1 S | plant P L AE1 N T | please P L IY1 Z | point P OY1 N T
put P UH1 T | question K W EH1 S CH AX N | quick K W IH1 K | rain R EY1 N | read R IY1 D
ready R EH1 D IY | river R IH1 V ER | road R OW1 D | round R AW1 N D | said S EH1 D
sample S AE1 M P AX L | say S EY1 | says S EH1 Z | school S K UW1 L | sea S IY1
second S EH1 K AX N D | see S IY1 | sentence S EH1 N T AX N S | seven S EH1 V AX N | she SH IY1
ship SH IH1 P | short SH AO1 R T | should SH UH1 D | show SH OW1 | silver S IH1 L V ER
six S IH1 K S | slow S L OW1 | small S M AO1 L | snow S N OW1 | so S OW1 | some S AH1 M
something S AH1 M TH IH NG | soon S UW1 N | sound S AW1 N D | south S AW1 TH | speak S P IY1 K
speech S P IY1 CH | speed S P IY1 D | spring S P R IH1 NG | star S T AA1 R | start S T AA1 R T
still S T IH1 L | stone S T OW1 N | story S T AO1 R IY | street S T R IY1 T | summer S AH1 M ER
sun S AH1 N | synthesis S IH1 N TH AX S IH S | take T EY1 K | talk T AO1 K | tell T EH1 L
ten T EH1 N | than DH AE1 N | that DH AE1 T | the DH AX | their DH EH1 R | them DH EH1 M
then DH EH1 N | there DH EH1 R | these DH IY1 Z | they DH EY1 | thing TH IH1 NG
think TH IH1 NG K | this DH IH1 S | those DH OW1 Z | though DH OW1 | thousand TH AW1 Z AX N D
three TH R IY1 | through TH R UW1 | time T AY1 M | to T UW | today T AX D EY1
together T AX G EH1 DH ER | tomorrow T AX M AA1 R OW | too T UW1 | tree T R IY1 | turn T ER1 N
twelve T W EH1 L V | twenty T W EH1 N T IY | two T UW1 | under AH1 N D ER | until AX N T IH1 L
up AH1 P | us AH1 S | very V EH1 R IY | vocoder V OW1 K OW D ER | voice V OY1 S | wait W EY1 T
walk W AO1 K | want W AA1 N T | was W AH1 Z | water W AO1 T ER | way W EY1 | we W IY1
well W EH1 L | were W ER1 | what W AH1 T | when W EH1 N | where W EH1 R | which W IH1 CH
while W AY1 L | white W AY1 T | who HH UW1 | why W AY1 | wind W IH1 N D | winter W IH1 N T ER
with W IH1 DH | without W IH DH AW1 T | woman W UH1 M AX N | word W ER1 D | work W ER1 K
world W ER1 L D | would W UH1 D | write R AY1 T | year Y IH1 R | yes Y EH1 S
yesterday Y EH1 S T ER D EY | yet Y EH1 T | you Y UW1 | young Y AH1 NG | your Y AO1 R
zero Z IH1 R OW
"""

# Tried in this order at each letter; the left side is a regular expression, the right side phones.
LETTER_RULES = r"""
tion(?=s?\b)=SH AX N | sion(?=s?\b)=ZH AX N | ture(?=s?\b)=CH ER | ous\b=AX S | ious\b=IY AX S
able\b=AX B AX L | (?<=[a-z])ing\b=IH NG | (?<=[a-z][a-z])ed(?<=[td]ed)\b=AX D | (?<=[pkfs])ed\b=T
(?<=[a-z][a-z])ed\b=D | (?<=[a-z][a-z])ly\b=L IY | \bkn=N | \bwr=R | \bgn=N | \bps=S | \brh=R
\bex(?=[aeiou])=IH G Z | \bmc=M AX K | tch=CH | sch=S K | dge=JH | igh=AY1 | eigh=EY1 | augh=AO1
ough=AO1 | ould=UH1 D | ance\b=AX N S | ence\b=AX N S | ssion=SH AX N | cious=SH AX S
tious=SH AX S | tial=SH AX L | cial=SH AX L | quar=K W AO R | qu=K W | squ=S K W | sh=SH
ch(?=[rl])=K | ch=CH | th=TH | ph=F | wh=W | ck=K | ng(?=[aeiour])=NG G | ng=NG | nk=NG K
gh(?=[aeiou])=G | gh= | air=EH1 R | are\b=EH1 R | eer=IH1 R | ear=IH1 R | ere\b=IH1 R
ire\b=AY1 ER | ore=AO1 R | our=AO1 R | oor=AO1 R | ure\b=Y UH R | war=W AO1 R | wor=W ER1
ar=AA1 R | er\b=ER | er=ER1 | ir=ER1 | or=AO1 R | ur=ER1 | ee=IY1 | ea=IY1 | ei=IY1
ie(?=[a-z])=IY1 | ie\b=AY1 | eu=UW1 | ew=UW1 | ey\b=IY | ai=EY1 | ay=EY1 | au=AO1 | aw=AO1
oa=OW1 | oo(?=[kd])=UH1 | oo=UW1 | oi=OY1 | oy=OY1 | ow\b=OW1 | ow=AW1 | ou=AW1 | oe\b=OW1
ue\b=UW1 | ui=UW1 | alk=AO1 K | all=AO1 L | alm=AA1 M | old=OW1 L D | ild\b=AY1 L D
ind\b=AY1 N D | (?<=[bcdfgkpst])le\b=AX L | (?<=[a-z])al\b=AX L | a(?=[bcdfgklmnprstvz]e\b)=EY1
e(?=[bcdfgklmnprstvz]e\b)=IY1 | i(?=[bcdfgklmnprstvz]e\b)=AY1 | o(?=[bcdfgklmnprstvz]e\b)=OW1
u(?=[bcdfgklmnprstvz]e\b)=UW1 | y(?=[bcdfgklmnprstvz]e\b)=AY1 | a(?=[bcdfgklmnprstvz]ing\b)=EY1
a(?=[bcdfgklmnprstvz]ed\b)=EY1 | (?<=[sxz])es\b=AX Z
i(?=[bcdfgklmnprstvz]ing\b)=AY1 | o(?=[bcdfgklmnprstvz]ing\b)=OW1
(?<=[a-z])a\b=AX
(?<=[a-z][a-z])e\b= | (?<=[a-z])es\b=Z | e\b=IY1 | \by=Y | (?<=\b[a-z])y\b=AY1
(?<=\b[a-z][a-z])y\b=AY1 | y\b=IY | y=IH1 | o\b=OW | i\b=IY | u\b=UW | a=AE1 | e=EH1 | i=IH1
o=AA1 | u=AH1 | bb=B | cc(?=[eiy])=K S | cc=K | dd=D | ff=F | gg=G | ll=L | mm=M | mb\b=M | nn=N
pp=P | rr=R | ss=S | tt=T | zz=Z | c(?=[eiy])=S | c=K | g(?=[eiy])=JH | (?<=[aeiou])s(?=[aeiou])=Z
(?<=[bdgmnlrv])s\b=Z | s=S | x=K S | j=JH | b=B | d=D | f=F | g=G | h=HH | k=K | l=L | m=M | n=N
p=P | q=K | r=R | t=T | v=V | w=W | z=Z
"""
