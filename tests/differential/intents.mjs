// The same intents as in the Python files of this folder, said to the official JavaScript SDK.
// usage: node intents.mjs BASE_URL INTENT FOLDER_OF_PICTURES
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [baseUrl, wanted, pictures] = process.argv.slice(2);

const model = "gemini-3-flash";
const painter = "gemini-3.1-flash-image";
const speaker = "gemini-2.5-flash-preview-tts";
const prompt = "A Monarch butterfly anatomical sketch on textured parchment";

const picture = (name, mimeType) => ({
  inlineData: { mimeType, data: readFileSync(join(pictures, name)).toString("base64") },
});
const wing = () => picture("wing.png", "image/png");
const parchment = () => picture("parchment.jpg", "image/jpeg");

const intents = {
  text: (ai) => ai.models.generateContent({ model, contents: prompt }),
  "several-images": (ai) =>
    ai.models.generateContent({ model: painter, contents: ["Put the wing on the parchment", wing(), parchment()] }),
  "image-to-image": (ai) =>
    ai.models.generateContent({
      model: painter,
      contents: ["Make it blue", wing()],
      config: { responseModalities: ["IMAGE"], imageConfig: { aspectRatio: "16:9", imageSize: "2K" } },
    }),
  "file-uri": (ai, { createPartFromUri }) =>
    ai.models.generateContent({
      model,
      contents: [
        createPartFromUri("https://generativelanguage.googleapis.com/v1beta/files/abc-123", "image/png"),
        "What is this?",
      ],
    }),
  sampling: (ai) =>
    ai.models.generateContent({
      model,
      contents: prompt,
      config: { temperature: 1, topP: 0.95, topK: 40, seed: 20, candidateCount: 1, maxOutputTokens: 8192 },
    }),
  "system-instruction": (ai) =>
    ai.models.generateContent({
      model,
      contents: prompt,
      config: { systemInstruction: "You are a scientific illustrator." },
    }),
  "thinking-level": (ai, { ThinkingLevel }) =>
    ai.models.generateContent({
      model: painter,
      contents: prompt,
      config: { thinkingConfig: { thinkingLevel: ThinkingLevel.MINIMAL, includeThoughts: true } },
    }),
  "safety-settings": (ai, { HarmBlockThreshold, HarmCategory }) =>
    ai.models.generateContent({
      model,
      contents: prompt,
      config: {
        safetySettings: [
          { category: HarmCategory.HARM_CATEGORY_HARASSMENT, threshold: HarmBlockThreshold.BLOCK_ONLY_HIGH },
          { category: "HARM_CATEGORY_DANGEROUS_CONTENT", threshold: "OFF" },
          { category: "HARM_CATEGORY_HATE_SPEECH", threshold: "BLOCK_NONE" },
        ],
      },
    }),
  "image-search": (ai) =>
    ai.models.generateContent({
      model: painter,
      contents: prompt,
      config: { tools: [{ googleSearch: { searchTypes: { webSearch: {}, imageSearch: {} } } }] },
    }),
  "functions-by-name": (ai, { FunctionCallingConfigMode }) =>
    ai.models.generateContent({
      model,
      contents: prompt,
      config: {
        tools: [{ functionDeclarations: [{ name: "find_moth" }, { name: "draw_moth" }] }],
        toolConfig: {
          functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["draw_moth"] },
        },
      },
    }),
  "response-json-schema": (ai) =>
    ai.models.generateContent({
      model,
      contents: prompt,
      config: {
        responseMimeType: "application/json",
        responseJsonSchema: {
          type: "object",
          properties: { latin_name: { type: "string" }, wing_span: { type: ["number", "null"], minimum: 0.0 } },
          required: ["latin_name"],
          additionalProperties: false,
        },
      },
    }),
  "image-config-empty": (ai) => ai.models.generateContent({ model: painter, contents: prompt, config: { imageConfig: {} } }),
  "speech-by-the-voice-name": (ai) =>
    ai.models.generateContent({
      model: speaker,
      contents: prompt,
      config: { responseModalities: ["AUDIO"], speechConfig: "Kore" },
    }),
  stream: async (ai) => {
    for await (const _ of await ai.models.generateContentStream({ model, contents: prompt }));
  },
  "chat-about-a-picture": async (ai) => {
    const config = { responseModalities: ["TEXT", "IMAGE"], imageConfig: { aspectRatio: "3:2" } };
    const chat = ai.chats.create({ model: painter, config });
    await chat.sendMessage({ message: "Draw a moth" });
    await chat.sendMessage({ message: "Now open the wings." });
  },
};

// the package lies where PROMPTC_JS_GENAI says, not beside this file
const sdk = createRequire(join(process.env.PROMPTC_JS_GENAI, "package.json"))("@google/genai");
const ai = new sdk.GoogleGenAI({ apiKey: "fake-key-for-the-loopback-server", httpOptions: { baseUrl } });
await intents[wanted](ai, sdk);
