package captions
import ("testing";"fmt";"encoding/base64";"math/rand/v2";"os";"image";"image/gif";"image/jpeg";"image/png";"image/color";"image/color/palette";"bytes";"strings")
func try(name string, f func() error){ defer func(){ if r:=recover();r!=nil{ fmt.Println("PANIC",name,strings.SplitN(fmt.Sprint(r),"\n",2)[0])}}(); fmt.Println(name,"->",f()) }
func TestProbe(t *testing.T){
 d:=t.TempDir()
 p:=base64.StdEncoding.EncodeToString(pngOf(t,color.White))
 os.WriteFile(d+"/a.csv",[]byte("b64string_images,caption\n"+p+",x\n"),0o644)
 s,_:=Open(d+"/a.csv")
 v:=OriginalVocabulary()
 try("nil vocab",func()error{_,e:=Encode(s,Encoding{nil,4,ImageOptions{8,"white"}});return e})
 try("length 0",func()error{_,e:=Encode(&Set{Examples:[]Example{{Caption:"",Source:"r",image:pngOf(t,color.White)}}},Encoding{v,0,ImageOptions{8,"white"}});return e})
 try("size 0",func()error{e,er:=Encode(s,Encoding{v,4,ImageOptions{0,"white"}});if er==nil{for range e.Sequential("x",1).Iter(){}};return er})
 try("size -1",func()error{_,e:=Encode(s,Encoding{v,4,ImageOptions{-1,"white"}});return e})
 try("alpha",func()error{_,e:=Encode(s,Encoding{v,4,ImageOptions{8,"pink"}});return e})
 e,_:=Encode(s,Encoding{v,4,ImageOptions{8,"white"}})
 try("batch 0",func()error{b,er:=e.Batches("x",0,1);if er==nil{for range b.Iter(){break}};return er})
 try("batch -1",func()error{b,er:=e.Batches("x",-1,1);if er==nil{for range b.Iter(){break}};return er})
 try("seq 0",func()error{for _,er:=range e.Sequential("x",0).Iter(){return er};return nil})
 try("rep 0",func()error{for _,er:=range e.WithReplacement("x",0,2,1).Iter(){return er};return nil})
 for _,c:=range []string{"b64string_images;caption\n","\"a\nb\",c\n","PK\x03\x04\x00\x01\r\n","b64string_images,caption\ndata:image/png,x\n","b64string_images,caption\n\u00e9abc,x\n","b64string_images,caption\n  "+p+",x\n", "b64string_images , Caption\n"+p+",x\n","\xff\xfeb\x006\x00"}{
  os.WriteFile(d+"/b.csv",[]byte(c),0o644); try(fmt.Sprintf("csv %.30q",c),func()error{s,er:=Open(d+"/b.csv");if er==nil{_,er=Encode(s,Encoding{v,4,ImageOptions{8,"white"}})};return er}) }
 os.WriteFile(d+"/x.png",pngOf(t,color.White),0o644)
 os.MkdirAll(d+"/j",0o755); os.WriteFile(d+"/j/x.png",pngOf(t,color.White),0o644)
 for _,c:=range []string{"\ufeff{\"file_name\":\"x.png\",\"text\":\"a\"}\n","{\"file_name\":\"x.png\",\"text\":\"a\",\"caption\":\"b\"}\n","{\"file_name\":\"x.png\"}","[1]","{\"file_name\":\"x.png\",\"text\":3}","{\"file_name\":\"x.png\\u0000\",\"text\":\"a\"}","{\"file_name\":\".\",\"text\":\"a\"}"}{
  os.WriteFile(d+"/j/metadata.jsonl",[]byte(c),0o644); try(fmt.Sprintf("jsonl %.40q",c),func()error{s,er:=Open(d+"/j");if er==nil{fmt.Printf("%q ",s.Captions());_,er=Encode(s,Encoding{v,4,ImageOptions{8,"white"}})};return er}) }
 im:=image.NewNRGBA(image.Rect(0,0,9,7)); for i:=range im.Pix{im.Pix[i]=byte(i*37)}
 var pb,jb,gb bytes.Buffer; png.Encode(&pb,im);jpeg.Encode(&jb,im,nil)
 pal:=image.NewPaletted(image.Rect(0,0,9,7),palette.Plan9); gif.Encode(&gb,pal,nil)
 w:=[]string{"UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==","UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA","UklGRkoAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAwAAAARBxAR/Q9ERP8DAABWUDggGAAAABQBAJ0BKgEAAQAAAP4AAA3AAP7mtQAAAA=="}
 seeds:=[][]byte{pb.Bytes(),jb.Bytes(),gb.Bytes()}
 for _,x:=range w{b,er:=base64.StdEncoding.DecodeString(x);if er!=nil{t.Fatal(er)};seeds=append(seeds,b); try("webp",func()error{px,er:=Pixels(b,ImageOptions{2,"drop"});fmt.Println(px);return er})}
 r:=rand.New(rand.NewPCG(1,2)); pan:=map[string]int{}; bad:=0
 for i:=range 60000{ b:=bytes.Clone(seeds[i%len(seeds)]); for range 1+r.IntN(4){ if r.IntN(4)==0{b=b[:r.IntN(len(b)+1)]; if len(b)==0{break}} else {b[r.IntN(len(b))]=byte(r.Uint32())}}
  func(){ defer func(){if x:=recover();x!=nil{pan[fmt.Sprint(x)[:40]]++}}(); px,er:=Pixels(b,ImageOptions{4,"drop"}); if er==nil&&len(px)!=48{bad++}}() }
 fmt.Println("panics",pan,"wrong length",bad)
}
